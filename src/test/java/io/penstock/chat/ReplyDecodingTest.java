package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.serde.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReplyDecodingTest {
    private final Registry registry = new Registry();
    private final AvroCodec<ChatReply> writer = new AvroSerdes(registry.known).codec(ChatReply.class);
    private final AvroCodec<ChatReply> reader = new AvroSerdes(registry).codec(ChatReply.class);
    private final AtomicInteger holding = new AtomicInteger();
    private final Host host = new Host();

    /** Cannot be asked at times. */
    private static final class Registry implements SchemaRegistry {
        private final MemoryRegistry known = new MemoryRegistry();
        private final List<String> askers = new CopyOnWriteArrayList<>();
        private volatile boolean down;

        @Override
        public int register(String subject, Schema schema) {
            return known.register(subject, schema);
        }

        @Override
        public Schema schema(int id) {
            askers.add(Thread.currentThread().getName());
            if (down) {
                throw new PenstockException(ErrorCode.NOT_READY, "The registry cannot be asked.");
            }
            return known.schema(id);
        }
    }

    /** Runs what is due when the test says so. */
    private static final class Host implements StreamedCall.Host {
        private final List<Runnable> due = new ArrayList<>();

        @Override
        public synchronized Future<?> after(Duration delay, Runnable task) {
            due.add(task);
            return new CompletableFuture<>();
        }

        synchronized void pass() {
            List.copyOf(due).forEach(Runnable::run);
            due.clear();
        }

        synchronized boolean isWaiting() {
            return !due.isEmpty();
        }

        @Override
        public void cancelCall(String requestId, String sessionId, int partition) {}

        @Override
        public void timedOut() {}
    }

    /** Notes what it is given. */
    private static final class Noted implements Awaited {
        private final List<String> read = new CopyOnWriteArrayList<>();

        @Override
        public void read(ChatReply reply, long offset) {
            read.add(offset + " " + reply.getRequestId());
        }

        @Override
        public void fail(PenstockException why) {
            read.add(why.code().code());
        }

        @Override
        public void stop() {}
    }

    private ConsumerRecord<byte[], byte[]> record(long offset) {
        ChatReply reply = ChatReply.newBuilder(Records.last("a", 1, 0, "So."))
                .setRequestId("r" + offset)
                .build();
        return new ConsumerRecord<>(Topics.CHAT_REPLY, 0, offset, new byte[0], writer.encode(Topics.CHAT_REPLY, reply));
    }

    @Test
    void shouldHoldWhatTheRegistryCannotBeAskedForAndPassItOnInOrderLater() {
        Noted one = new Noted();
        Noted other = new Noted();
        ReplyDecoding decoding = new ReplyDecoding(reader, one, host, holding);
        ReplyDecoding others = new ReplyDecoding(reader, other, host, holding);
        registry.down = true;

        decoding.take(record(1));
        decoding.take(record(2));
        others.take(record(3));
        assertThat(registry.askers)
                .as("the reader is held up once at most")
                .containsExactly(Thread.currentThread().getName());
        host.pass();
        await().until(() -> registry.askers.size() == 3 && host.isWaiting());
        assertThat(one.read).isEmpty();

        registry.down = false;
        await().until(() -> {
            host.pass();
            return one.read.size() == 2 && other.read.size() == 1;
        });

        assertThat(one.read).containsExactly("1 r1", "2 r2");
        assertThat(other.read).containsExactly("3 r3");
        await().untilAsserted(() -> assertThat(holding).hasValue(0));
        decoding.take(record(4));
        assertThat(one.read).as("at once again").endsWith("4 r4");
    }

    @Test
    void shouldGiveUpWhatNobodyWaitsForAnyMore() {
        Noted noted = new Noted();
        ReplyDecoding decoding = new ReplyDecoding(reader, noted, host, holding);
        registry.down = true;
        decoding.take(record(1));

        decoding.end();
        decoding.take(record(2));

        assertThat(holding).hasValue(0);
        registry.down = false;
        host.pass();
        assertThat(noted.read).isEmpty();
        assertThat(host.isWaiting()).isFalse();
    }

    @Test
    void shouldSayWhenARecordCanNeverBeRead() {
        Noted noted = new Noted();

        new ReplyDecoding(reader, noted, host, holding)
                .take(new ConsumerRecord<>(Topics.CHAT_REPLY, 0, 1, new byte[0], new byte[] {1, 2, 3}));

        assertThat(noted.read).containsExactly("record.undecodable");
        assertThat(holding).hasValue(0);
    }
}
