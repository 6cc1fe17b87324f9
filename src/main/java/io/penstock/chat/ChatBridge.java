package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Joins callers with the chat topics: sends a request, and gives the reply with its correlation id to whoever asked, whole or while it
 * is made.
 *
 * <pre>
 *  caller --request--> chat.request ..> chat topology ..> chat.reply --> reader --reply--> caller
 *            | names a partition                              ^ reads those that are named, or were
 *            `------ partitions <--- group: who names which --'
 * </pre>
 *
 * <p>A group decides which partitions of {@code chat.reply} an instance names in its requests. It reads them by itself, and one that
 * the group takes away as long as a request is in flight that named it. So no instance reads the replies of others, and none is lost
 * when instances come and go. A whole reply that this process wrote itself is handed over once Kafka has it, without reading it again.
 *
 * <p>Threading: may be called from any thread, an event loop too, except {@link #ask} and {@link #awaitReady}, which wait. Futures are
 * completed and listeners called by threads of the bridge and of whoever writes replies, which they must not block.
 */
public final class ChatBridge implements AutoCloseable {
    /** A stream that was resumed and of which nothing comes gives its place to others after so many grace periods. */
    private static final int GRACES_FOR_THE_FIRST = 3;

    private final BridgeSettings settings;
    private final BridgeClients clients;
    private final BridgeCounters counters = new BridgeCounters();
    private final RequestSender sender;
    private final AvroCodec<ChatReply> replies;
    private final ReplyPartitions partitions;
    private final ReadingPace pace = new ReadingPace();
    private final ReplyReader reader;
    private final PartitionMember member;
    private final Semaphore room;
    private final Semaphore roomForResumed;
    private final Map<String, Call> inFlight = new ConcurrentHashMap<>();
    private final Set<Awaited> resumed = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor timer;
    private final AtomicInteger holding = new AtomicInteger();
    private final StreamedCall.Host host = new Host();
    private volatile boolean closed;

    /** A request in flight. */
    private record Call(int partition, Awaited awaited, ReplyDecoding decoding) {}

    /** Starts to read replies; requests are taken once it {@linkplain #isReady() is ready}. */
    public ChatBridge(KafkaSettings kafka, AvroSerdes serdes, BridgeSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clients = new BridgeClients(kafka);
        this.replies = serdes.codec(ChatReply.class);
        this.room = new Semaphore(settings.maxInFlight());
        this.roomForResumed = new Semaphore(settings.maxResumed());
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("chat-bridge-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        // Due sooner than deadlines: else each question that is alone would wake the timer's thread up to tell it of
        // its own.
        var _ = timer.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.SECONDS);
        this.sender = new RequestSender(clients.producer(), serdes, clock);
        this.partitions = new ReplyPartitions(this::readOthers);
        this.reader = new ReplyReader(clients.reader(), partitions, pace, this::hand);
        this.member = new PartitionMember(clients.member(), partitions, settings.settling());
        reader.start();
        member.start();
    }

    private void readOthers() {
        reader.wakeUp();
    }

    /** Whether a partition is read, so that no reply to a request that is sent now can be missed. */
    public boolean isReady() {
        return partitions.isNamingAny();
    }

    /** Waits until it is ready; false when the time is over before. */
    public boolean awaitReady(Duration patience) throws InterruptedException {
        return partitions.awaitNamed(patience);
    }

    public BridgeCounters counters() {
        return counters;
    }

    /** Requests that wait for their replies, streams of clients that are gone for a moment included. */
    public int inFlight() {
        return settings.maxInFlight() - room.availablePermits() + resumed.size();
    }

    /** The partitions of {@code chat.reply} that requests name now. */
    Set<Integer> named() {
        return partitions.named();
    }

    /** The partitions of {@code chat.reply} that are read now. */
    Set<Integer> read() {
        return partitions.wanted();
    }

    /**
     * Asks and waits.
     *
     * @throws PenstockException {@code busy} when too many questions are waiting, {@code chat.timeout} when the time is over,
     *     {@code not-ready} when the request cannot be sent
     */
    public ChatReply ask(ChatRequest request, Duration patience) throws InterruptedException {
        CompletableFuture<ChatReply> reply = askAsync(request, patience);
        try {
            return reply.get();
        } catch (InterruptedException e) {
            reply.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PenstockException told) {
                throw told;
            }
            throw new IllegalStateException(e);
        }
    }

    /**
     * Asks. The reply has an answer, an error, or what else the request asked for; who cancels the future cancels the request.
     *
     * @param request whose id no other request has
     * @throws PenstockException {@code busy} or {@code not-ready}; the future fails with {@code chat.timeout} or {@code not-ready}
     */
    public CompletableFuture<ChatReply> askAsync(ChatRequest request, Duration patience) {
        String id = request.getRequestId();
        int partition = enter();
        AskedReply asked = new AskedReply(request, partition, patience, host);
        register(id, partition, asked);
        Future<?> deadline = host.after(patience, asked::expire);
        var _ = asked.reply().whenComplete((_, _) -> {
            deadline.cancel(false);
            leave(id, partition);
            if (asked.reply().isCancelled()) {
                host.cancelCall(id, request.getSessionId(), partition);
            }
        });
        if (!asked.reply().isDone()) {
            send(request, partition, asked, () -> {});
        }
        return asked.reply();
    }

    /**
     * Asks for a reply that is passed on while it is made.
     *
     * @param request whose id no other request has
     * @param patience until the reply must be whole
     * @throws PenstockException {@code busy} or {@code not-ready}; everything later is said to the listener
     */
    public StreamedReply stream(ChatRequest request, Duration patience, StreamListener listener) {
        String id = request.getRequestId();
        int partition = enter();
        StreamedCall call = new StreamedCall(
                new EventId(partition, reader.position(partition), 0, id),
                request.getSessionId(),
                request.getRemember(),
                patience,
                settings.grace(),
                listener,
                host,
                () -> {
                    pace.streamEnds();
                    leave(id, partition);
                });
        register(id, partition, call);
        pace.streamBegins();
        call.await();
        ChatRequest streamed = request.getStream()
                ? request
                : ChatRequest.newBuilder(request).setStream(true).build();
        send(streamed, partition, call, call::begin);
        return call;
    }

    /**
     * Goes on with the stream of a reply, on whichever instance it began.
     *
     * @param id of the last event that the client has
     * @param patience until the reply must be whole
     * @throws PenstockException {@code busy} or {@code not-ready}; everything else is said to the listener, {@code key.unknown} when
     *     there is no such event any more
     */
    public StreamedReply resume(EventId id, Duration patience, StreamListener listener) {
        if (!roomForResumed.tryAcquire()) {
            throw new PenstockException(
                    ErrorCode.BUSY,
                    settings.maxResumed() + " streams are being resumed here; try again in a second, or elsewhere.");
        }
        ResumedStream stream = new ResumedStream(
                id,
                ended -> new StreamedCall(id, "", true, patience, settings.grace(), listener, host, ended),
                clients::resumer,
                sender,
                replies,
                counters::resumedOne,
                settings.grace().multipliedBy(GRACES_FOR_THE_FIRST));
        stream.call().await();
        resumed.add(stream.call());
        Thread.ofVirtual().name("chat-resumed").start(() -> {
            try {
                stream.run();
            } finally {
                resumed.remove(stream.call());
                roomForResumed.release();
            }
        });
        if (closed) {
            stream.call().stop();
        }
        return stream.call();
    }

    /** Counts a request as in flight at the partition that it is to name. */
    private int enter() {
        if (!room.tryAcquire()) {
            throw new PenstockException(
                    ErrorCode.BUSY, settings.maxInFlight() + " questions are being answered; ask again in a second.");
        }
        OptionalInt partition = partitions.acquire();
        if (partition.isEmpty()) {
            room.release();
            throw new PenstockException(
                    ErrorCode.NOT_READY, "No partition for replies is read here yet; ask again in a second.");
        }
        return partition.getAsInt();
    }

    private void register(String id, int partition, Awaited awaited) {
        ReplyDecoding decoding = new ReplyDecoding(replies, awaited, host, holding);
        if (inFlight.putIfAbsent(id, new Call(partition, awaited, decoding)) != null) {
            partitions.release(partition);
            room.release();
            throw new IllegalArgumentException("There is a request " + id + " already");
        }
        if (closed) {
            awaited.fail(StreamBrokenException.stopping());
        }
    }

    private void leave(String id, int partition) {
        Call call = inFlight.remove(id);
        if (call != null) {
            call.decoding().end();
        }
        partitions.release(partition);
        room.release();
    }

    private void send(ChatRequest request, int partition, Awaited awaited, Runnable sent) {
        sender.send(request, partition, (_, failure) -> {
            if (failure == null) {
                sent.run();
            } else {
                awaited.fail(
                        failure instanceof PenstockException told
                                ? told
                                : new PenstockException(
                                        ErrorCode.NOT_READY,
                                        "The question could not be sent; ask again in a moment.",
                                        failure));
            }
        });
    }

    private void hand(ConsumerRecord<byte[], byte[]> record) {
        Call call = call(record.key(), record.value(), record.partition());
        if (call != null) {
            pace.read();
            call.decoding().take(record);
        }
    }

    /**
     * Takes note of a reply that the chat in this process has written: who waits for it whole has it now, and not only when it is read
     * again. Streams are read in the order of their partition, whoever wrote what is there.
     *
     * <p>Does not wait, whatever thread calls it; so with serdes of others, which may ask a registry, all is read.
     */
    public void arrived(ProducerRecord<byte[], byte[]> record, RecordMetadata where) {
        Call call = call(record.key(), record.value(), where.partition());
        if (call != null && call.awaited() instanceof AskedReply && replies.knowsWhatItEncoded()) {
            counters.handedOverOne();
            pace.handedOver();
            call.decoding()
                    .take(new ConsumerRecord<>(
                            where.topic(), where.partition(), where.offset(), record.key(), record.value()));
        }
    }

    /** The request in flight that a record of the partition belongs to. */
    private @Nullable Call call(byte @Nullable [] recordKey, byte @Nullable [] value, int partition) {
        if (recordKey == null || value == null) {
            return null;
        }
        String key = new String(recordKey, UTF_8);
        Call call = inFlight.get(key.substring(0, Math.max(0, key.lastIndexOf('/'))));
        return call == null || call.partition() != partition ? null : call;
    }

    private final class Host implements StreamedCall.Host {
        @Override
        public Future<?> after(Duration delay, Runnable task) {
            try {
                return timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                return CompletableFuture.completedFuture(null); // whoever waits is told that this is closed
            }
        }

        @Override
        public void cancelCall(String requestId, String sessionId, int partition) {
            counters.cancelledOne();
            sender.cancel(requestId, sessionId, partition);
        }

        @Override
        public void timedOut() {
            counters.timedOut();
        }
    }

    /** Whoever waits is told so. Calls go on whose replies can be read later: in the conversation, or by whoever resumes the stream. */
    @Override
    public void close() {
        closed = true;
        member.close();
        inFlight.values().forEach(call -> call.awaited().stop());
        resumed.forEach(Awaited::stop);
        reader.close();
        timer.shutdownNow();
        sender.close();
    }
}
