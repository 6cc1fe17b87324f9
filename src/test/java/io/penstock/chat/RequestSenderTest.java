package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.kafka.Topics;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RequestSenderTest {
    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final CountDownLatch memory = new CountDownLatch(1);
    private final Slow producer = new Slow();

    /** Has no memory for a large record until the latch is open. */
    private final class Slow extends MockProducer<byte[], byte[]> {
        private Slow() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public List<PartitionInfo> partitionsFor(String topic) {
            return List.of();
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // others would wait as well
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (record.value().length > 32 * 1024) {
                try {
                    memory.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return super.send(record, callback);
        }

        private List<String> sent() {
            return history().stream()
                    .map(record -> serdes.codec(ChatRequest.class).decode(record.value()))
                    .map(request -> (request.getCancel() == null ? "ask " : "cancel ") + request.getRequestId())
                    .toList();
        }
    }

    private static ChatRequest request(String id, String session, String message) {
        return ChatRequest.newBuilder()
                .setRequestId(id)
                .setSessionId(session)
                .setMessage(message)
                .setRequestedAt(Instant.EPOCH)
                .build();
    }

    @Test
    void shouldLetNoOrderToCancelOvertakeItsQuestion() {
        try (RequestSender sender = new RequestSender(producer, serdes, InstantSource.system())) {
            sender.send(request("large", "s1", "a".repeat(40_000)), 0, (_, _) -> {});
            sender.cancel("large", "s1", 0);
            sender.send(request("small", "s2", "a"), 0, (_, _) -> {});
            sender.cancel("small", "s2", 0);
            assertThat(producer.sent()).as("others do not wait").containsExactly("ask small", "cancel small");

            memory.countDown();
            await().until(() -> producer.sent().size() == 4);

            assertThat(producer.sent()).containsExactly("ask small", "cancel small", "ask large", "cancel large");
            assertThat(producer.history().getLast().topic()).isEqualTo(Topics.CHAT_REQUEST);
            assertThat(producer.history().getLast().key()).isEqualTo("s1".getBytes(UTF_8));
            await().untilAsserted(() -> {
                sender.cancel("later", "s1", 0);
                assertThat(producer.sent()).as("at once again").contains("cancel later");
            });
        }
    }
}
