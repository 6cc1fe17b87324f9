package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.RecordGateway.Deleted;
import io.penstock.kafka.Topics;
import io.penstock.record.DeletionOrder;
import io.penstock.schema.FenceAck;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RecordGatewayTest {
    private static final String ID = "economy/news/wire/a/b";
    private static final int PARTITIONS = 4;
    private static final TopicPartition ACKS = new TopicPartition(Topics.FENCE_ACK, 0);

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final MockProducer<byte[], byte[]> producer = new MockProducer<>(
            new Cluster(
                    "cluster",
                    List.of(Node.noNode()),
                    IntStream.range(0, PARTITIONS)
                            .mapToObj(
                                    partition -> new PartitionInfo("raw.economy", partition, Node.noNode(), null, null))
                            .toList(),
                    Set.of(),
                    Set.of()),
            true,
            null,
            new ByteArraySerializer(),
            new ByteArraySerializer());
    private final Stages stages = new Stages();
    private CatalogView catalog = new EconomyNews();

    @Test
    void shouldOrderADeletionOnceAndLetEveryPartitionForget() throws InterruptedException {
        stages.acknowledge("vector-ingestion", 3);
        stages.acknowledge("vector-index", 0);

        Deleted deleted = gateway(Duration.ofSeconds(20)).delete("economy", "news", List.of(ID));

        assertThat(deleted).isEqualTo(new Deleted(Map.of(ID, 3L), true));
        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        assertThat(sent).extracting(ProducerRecord::partition).containsExactly(0, 1, 2, 3);
        int own = Utils.toPositive(Utils.murmur2(ID.getBytes(UTF_8))) % PARTITIONS;
        assertThat(sent).allSatisfy(record -> {
            assertThat(new String(record.key(), UTF_8)).isEqualTo(ID);
            assertThat(record.value()).isNull();
            assertThat(DeletionOrder.id(record.headers()).isPresent()).isEqualTo(record.partition() == own);
            assertThat(record.headers().lastHeader(DeletionOrder.FORGET_ONLY) != null)
                    .isEqualTo(record.partition() != own);
        });
    }

    @Test
    void shouldNotWaitForTheIndexWhenThereWereNoChunks() throws InterruptedException {
        stages.acknowledge("vector-ingestion", 0);

        assertThat(gateway(Duration.ofSeconds(20)).delete("economy", "news", List.of(ID)))
                .isEqualTo(new Deleted(Map.of(ID, 0L), true));
    }

    @Test
    void shouldSayThatADeletionIsUnderWayUntilTheIndexHasLostTheChunks() throws InterruptedException {
        stages.acknowledge("vector-ingestion", 3);

        assertThat(gateway(Duration.ofMillis(50)).delete("economy", "news", List.of(ID)))
                .isEqualTo(new Deleted(Map.of(ID, 3L), false));
    }

    @Test
    void shouldOrderNothingInASegmentThatIsBeingDeleted() {
        catalog = new EconomyNews() {
            @Override
            public boolean isActive(String topic) {
                return false;
            }
        };

        assertThatThrownBy(() -> gateway(Duration.ofSeconds(20)).delete("economy", "news", List.of(ID)))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOPIC_DELETING));
        assertThat(producer.history()).isEmpty();
    }

    private RecordGateway gateway(Duration patience) {
        return new RecordGateway(producer, () -> stages, catalog, serdes, patience);
    }

    /** Acknowledges what was sent, once it is sent. */
    private final class Stages extends MockConsumer<byte[], byte[]> {
        private final List<FenceAck.Builder> script = new ArrayList<>();

        Stages() {
            super("earliest");
        }

        void acknowledge(String stage, long removed) {
            script.add(FenceAck.newBuilder()
                    .setStage(stage)
                    .setTopic("")
                    .setPartition(0)
                    .setRemoved(removed)
                    .setAt(Instant.EPOCH));
        }

        @Override
        public synchronized void assign(Collection<TopicPartition> partitions) {
            super.assign(partitions);
            updateBeginningOffsets(Map.of(ACKS, 0L));
            updateEndOffsets(Map.of(ACKS, 0L));
            schedulePollTask(() -> {
                String order = producer.history().stream()
                        .flatMap(record -> DeletionOrder.id(record.headers()).stream())
                        .findFirst()
                        .orElseThrow();
                for (int i = 0; i < script.size(); i++) {
                    FenceAck ack = script.get(i).setFenceId(order).build();
                    addRecord(new ConsumerRecord<>(
                            Topics.FENCE_ACK,
                            0,
                            i,
                            order.getBytes(UTF_8),
                            serdes.codec(FenceAck.class).encode(Topics.FENCE_ACK, ack)));
                }
            });
        }
    }
}
