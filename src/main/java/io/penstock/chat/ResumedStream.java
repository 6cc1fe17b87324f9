package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.serde.AvroCodec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one reply again from the place where its stream broke, whoever passed it on until then. What was passed on is learnt from the
 * record there.
 *
 * <p>Threading: {@link #run} belongs to one thread, and so does the consumer. The call may be used from any, and ends the reading.
 */
final class ResumedStream implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ResumedStream.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration NOTE_PATIENCE = Duration.ofSeconds(5);

    private final EventId id;
    private final StreamedCall call;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final RequestSender sender;
    private final AvroCodec<ChatReply> replies;
    private final Runnable found;
    private final Duration firstPatience;
    private final byte[] key;
    private volatile @Nullable Consumer<byte[], byte[]> reading;
    private volatile boolean over;

    /**
     * @param calls makes the call, given what it does at its end
     * @param found called when the place was found
     * @param firstPatience how long nothing of the reply may come where it was to begin: there may be no such reply
     */
    ResumedStream(
            EventId id,
            Function<Runnable, StreamedCall> calls,
            Supplier<Consumer<byte[], byte[]>> consumers,
            RequestSender sender,
            AvroCodec<ChatReply> replies,
            Runnable found,
            Duration firstPatience) {
        this.id = id;
        this.call = calls.apply(this::stop);
        this.consumers = consumers;
        this.sender = sender;
        this.replies = replies;
        this.found = found;
        this.firstPatience = firstPatience;
        this.key = ChatHeaders.replyKey(id.requestId(), id.partition()).getBytes(UTF_8);
    }

    StreamedCall call() {
        return call;
    }

    /** Reads until the stream is over. */
    @Override
    public void run() {
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            reading = consumer;
            read(consumer);
        } catch (WakeupException e) {
            LOG.debug("The stream of {} is over", id);
        } catch (PenstockException e) {
            call.fail(
                    e.code() == ErrorCode.NOT_READY && !(e instanceof StreamBrokenException)
                            ? new StreamBrokenException("The stream cannot be read just now; resume it in a moment.", e)
                            : e);
        } catch (InterruptedException e) {
            call.fail(new StreamBrokenException("Penstock is stopping; resume on another instance.", e));
        } catch (RuntimeException e) {
            LOG.warn("The stream of {} cannot be resumed", id, e);
            call.fail(new StreamBrokenException("The stream cannot be read just now; resume it in a moment.", e));
        }
    }

    private void stop() {
        over = true;
        Consumer<byte[], byte[]> consumer = reading;
        if (consumer != null) {
            consumer.wakeup();
        }
    }

    private void read(Consumer<byte[], byte[]> consumer) throws InterruptedException {
        seek(consumer);
        boolean begun = id.isStart();
        if (begun) {
            found.run();
            takeOver();
        }
        boolean nothingYet = id.isStart();
        long latest = System.nanoTime() + firstPatience.toNanos();
        while (!over) {
            if (nothingYet && System.nanoTime() - latest > 0) {
                throw new StreamBrokenException("Nothing of the reply has come yet; resume the stream.", null);
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (!begun) {
                    takeUp(record);
                    begun = true;
                } else if (isOfReply(record)) {
                    ChatReply reply = replies.decode(record.value());
                    nothingYet &= reply.getTakenOver(); // a note that it was taken up is no part of it
                    call.read(reply, record.offset());
                }
            }
        }
    }

    private void seek(Consumer<byte[], byte[]> consumer) {
        TopicPartition partition = new TopicPartition(Topics.CHAT_REPLY, id.partition());
        if (id.partition() >= ChatTopology.REPLY_PARTITIONS) {
            throw gone();
        }
        List<TopicPartition> alone = List.of(partition);
        consumer.assign(alone);
        long first = consumer.beginningOffsets(alone).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(alone).getOrDefault(partition, 0L);
        if (id.offset() < first || id.offset() > (id.isStart() ? end : end - 1)) {
            throw gone();
        }
        consumer.seek(partition, id.offset());
    }

    private void takeUp(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
        if (record.offset() != id.offset() || !isOfReply(record)) {
            throw gone();
        }
        found.run();
        call.takeUp(replies.decode(record.value()));
        if (!over) {
            takeOver();
        }
    }

    /** Whoever passed the stream on before must know of it before its client's grace period is over. */
    private void takeOver() throws InterruptedException {
        CompletableFuture<Long> written = new CompletableFuture<>();
        sender.takeOver(id, call.session(), (metadata, failure) -> {
            if (failure == null) {
                written.complete(metadata.offset());
            } else {
                written.completeExceptionally(failure);
            }
        });
        try {
            call.wroteNote(written.get(NOTE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException e) {
            throw new StreamBrokenException("The stream cannot be taken up just now; resume it in a moment.", e);
        }
        call.begin();
    }

    private boolean isOfReply(ConsumerRecord<byte[], byte[]> record) {
        return record.value() != null && Arrays.equals(record.key(), key);
    }

    private PenstockException gone() {
        return new PenstockException(
                ErrorCode.KEY_UNKNOWN,
                "There is no event " + id + " in the replies that are kept. If the reply was to be remembered, it is in"
                        + " the conversation: GET /api/conversations.");
    }
}
