package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import io.penstock.serde.AvroCodec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes the records of one reply for whoever waits for them. A record whose schema the registry cannot be asked for is held with
 * those behind it, and decoded again after a moment, elsewhere: asking takes long, and the reader reads for others too.
 *
 * <p>Threading: {@link #take} belongs to the reader, and for a reply that is one record to whoever wrote it here, too; {@link #end}
 * may be called from any thread.
 */
final class ReplyDecoding {
    static final Duration AGAIN_AFTER = Duration.ofMillis(250);

    private static final Logger LOG = LoggerFactory.getLogger(ReplyDecoding.class);

    private final AvroCodec<ChatReply> codec;
    private final Awaited awaited;
    private final StreamedCall.Host host;
    /** Replies with records that are held: while there are any, the registry is not asked by the reader. */
    private final AtomicInteger holding;
    /** In their order; the first is being decoded. */
    private final Queue<ConsumerRecord<byte[], byte[]>> held = new ArrayDeque<>();

    private boolean ended;

    /** @param holding shared by all replies of a reader */
    ReplyDecoding(AvroCodec<ChatReply> codec, Awaited awaited, StreamedCall.Host host, AtomicInteger holding) {
        this.codec = codec;
        this.awaited = awaited;
        this.host = host;
        this.holding = holding;
    }

    void take(ConsumerRecord<byte[], byte[]> record) {
        boolean elsewhere = holding.get() > 0;
        if (isBehindOthers(record)) {
            return;
        }
        if (elsewhere) {
            hold(record, Duration.ZERO);
        } else if (!pass(record)) {
            hold(record, AGAIN_AFTER);
        }
    }

    private synchronized boolean isBehindOthers(ConsumerRecord<byte[], byte[]> record) {
        return ended || (!held.isEmpty() && held.add(record));
    }

    private void hold(ConsumerRecord<byte[], byte[]> record, Duration wait) {
        synchronized (this) {
            if (ended) {
                return;
            }
            held.add(record);
            if (held.size() > 1) {
                return; // it came from two sides, and the other was quicker
            }
            holding.incrementAndGet();
        }
        var _ = host.after(wait, this::goOn);
    }

    private void goOn() {
        Thread.ofVirtual().name("chat-bridge-decoder").start(this::passOnWhatIsHeld);
    }

    private void passOnWhatIsHeld() {
        for (ConsumerRecord<byte[], byte[]> first = first(); first != null; first = next()) {
            if (!pass(first)) {
                var _ = host.after(AGAIN_AFTER, this::goOn);
                return;
            }
        }
    }

    private synchronized @Nullable ConsumerRecord<byte[], byte[]> first() {
        return held.peek();
    }

    private synchronized @Nullable ConsumerRecord<byte[], byte[]> next() {
        if (held.poll() != null && held.isEmpty()) {
            holding.decrementAndGet();
        }
        return held.peek();
    }

    /** False when the registry cannot be asked just now. */
    private boolean pass(ConsumerRecord<byte[], byte[]> record) {
        try {
            awaited.read(codec.decode(record.value()), record.offset());
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                LOG.debug("{}-{}@{} is held", record.topic(), record.partition(), record.offset(), e);
                return false;
            }
            awaited.fail(e);
        } catch (RuntimeException e) {
            LOG.warn("A reply could not be passed on", e);
        }
        return true;
    }

    /** Nobody waits any more. */
    synchronized void end() {
        ended = true;
        if (!held.isEmpty()) {
            held.clear();
            holding.decrementAndGet();
        }
    }
}
