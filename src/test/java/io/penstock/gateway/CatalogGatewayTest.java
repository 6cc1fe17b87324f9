package io.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.catalog.LiveCatalog;
import io.penstock.enrich.EnrichmentTopology;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.CatalogGateway.Outcome;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CatalogGatewayTest {
    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00.123456Z");
    private static final int PARTITIONS = 2;

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final LiveCatalog catalog = new LiveCatalog(serdes);
    /** What was done to Kafka, in order. */
    private final List<String> done = new CopyOnWriteArrayList<>();

    private final List<Fence> fences = new CopyOnWriteArrayList<>();
    private final List<FenceAck> acks = new CopyOnWriteArrayList<>();
    private final Resources resources = new Resources();
    private Deletions deletions = deletions();
    private final CatalogGateway gateway = new CatalogGateway(
            catalog.view, catalog.writer, catalog.changes, resources, deletions, InstantSource.fixed(NOW), 2);

    private Deletions deletions() {
        return new Deletions(
                catalog.view,
                catalog.writer,
                new Fences(new Stages(), Acks::new, serdes),
                resources,
                InstantSource.fixed(NOW));
    }

    @AfterEach
    void stop() {
        deletions.close();
        catalog.close();
    }

    @Test
    void shouldMakeKafkasPartBeforeTheTopicIsSeen() {
        assertThat(gateway.createTopic("economy")).isEqualTo(Outcome.CREATED);

        CatalogEntry entry = catalog.view.topic("economy").orElseThrow();
        assertThat(entry.getKind()).isEqualTo(CatalogKind.TOPIC);
        assertThat(entry.getState()).isEqualTo(CatalogState.ACTIVE);
        assertThat(UUID.fromString(entry.getIncarnation())).isNotNull();
        assertThat(entry.getCreatedAt()).isEqualTo(Instant.parse("2026-05-01T10:00:00.123Z"));
        assertThat(entry.getKafkaTopicId()).isEqualTo("id 1 of raw.economy");
        assertThat(done).containsExactly("create economy, seen: CREATING");
    }

    @Test
    void shouldMakeATopicAndASegmentOnce() {
        gateway.createTopic("economy");
        assertThat(gateway.createSegment("economy", "news")).isEqualTo(Outcome.CREATED);
        String life = catalog.view.segment("economy", "news").orElseThrow().getIncarnation();

        assertThat(gateway.createTopic("economy")).isEqualTo(Outcome.EXISTED);
        assertThat(gateway.createSegment("economy", "news")).isEqualTo(Outcome.EXISTED);

        assertThat(catalog.view.segment("economy", "news").orElseThrow().getIncarnation())
                .isEqualTo(life)
                .isNotEqualTo(catalog.view.topic("economy").orElseThrow().getIncarnation());
        assertThat(done).hasSize(1);
    }

    @Test
    void shouldNotServeATopicWhoseKafkaPartCouldNotBeMadeAndFinishItLater() {
        resources.failures.set(1);
        assertThatThrownBy(() -> gateway.createTopic("economy")).hasMessage("injected");
        assertThat(catalog.view.isActive("economy")).isFalse();
        String life = catalog.view.topic("economy").orElseThrow().getIncarnation();

        assertThat(gateway.createTopic("economy")).isEqualTo(Outcome.CREATED);

        assertThat(catalog.view.isActive("economy")).isTrue();
        assertThat(catalog.view.topic("economy").orElseThrow().getIncarnation()).isEqualTo(life);
        assertThat(gateway.createTopic("economy")).isEqualTo(Outcome.EXISTED);
    }

    @Test
    void shouldShowNothingOfATopicWhoseKafkaTopicIsThereAndCannotBeUsed() {
        resources.misfit = true;

        assertCode(ErrorCode.CONFIG_INVALID, () -> gateway.createTopic("economy"));

        assertThat(catalog.view.topic("economy")).isEmpty();
    }

    @Test
    void shouldFinishACreationThatACrashInterrupted() {
        resources.failures.set(1);
        assertThatThrownBy(() -> gateway.createTopic("economy")).hasMessage("injected");
        Upkeep upkeep = upkeep();

        upkeep.look();
        assertThat(catalog.view.isActive("economy"))
                .as("whoever began it may still be at work")
                .isFalse();
        upkeep.look();

        assertThat(catalog.view.isActive("economy")).isTrue();
        upkeep.close();
    }

    @Test
    void shouldDeleteATopicThatWasNotFinished() throws Exception {
        resources.failures.set(1);
        assertThatThrownBy(() -> gateway.createTopic("economy")).hasMessage("injected");

        assertThat(gateway.deleteTopic("economy")).isEqualTo(Outcome.DELETED);

        // Nothing is made for it any more; what is deleted is what was found when it was marked.
        assertThat(done).noneMatch(what -> what.startsWith("create"));
        assertThat(done.getLast()).startsWith("delete economy").endsWith("id 0 of raw.economy");
        assertThat(catalog.view.topic("economy")).isEmpty();
    }

    @Test
    void shouldMakeOneLifeOfATopicThatTwoInstancesCreateAtOnce() {
        CatalogGateway other = new CatalogGateway(
                catalog.view, catalog.writer, catalog.changes, resources, deletions, InstantSource.fixed(NOW), 2);
        List<String> lives = new ArrayList<>();
        resources.creating = () -> {
            assertThat(other.createTopic("economy"))
                    .as("carried through, since whoever began it seems to have stopped")
                    .isEqualTo(Outcome.CREATED);
            lives.add(catalog.view.topic("economy").orElseThrow().toString());
        };

        assertThat(gateway.createTopic("economy")).as("begun here").isEqualTo(Outcome.CREATED);

        assertThat(lives)
                .containsExactly(catalog.view.topic("economy").orElseThrow().toString());
    }

    @Test
    void shouldLeaveACreationToWhoeverBeganIt() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        resources.creating = () -> {
            reached.countDown();
            try {
                assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
            Future<Outcome> first = callers.submit(() -> gateway.createTopic("economy"));
            assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
            Future<Outcome> second = callers.submit(() -> gateway.createTopic("economy"));
            goOn.countDown();

            assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(Outcome.CREATED);
            assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(Outcome.EXISTED);
        }
        assertThat(done).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "alert", "Economy", "a.b", "-a", "a b", "../x"})
    void shouldRefuseIllegalNames(String name) {
        gateway.createTopic("economy");

        assertCode(ErrorCode.NAME_INVALID, () -> gateway.createTopic(name));
        assertCode(ErrorCode.NAME_INVALID, () -> gateway.createSegment("economy", name));
        assertCode(ErrorCode.NAME_INVALID, () -> gateway.createSegment(name, "news"));
        assertCode(ErrorCode.NAME_INVALID, () -> gateway.deleteTopic(name));
        assertCode(ErrorCode.NAME_INVALID, () -> gateway.deleteSegment("economy", name));
        assertThat(done).hasSize(1);
    }

    @Test
    void shouldKeepTheLimitOfTopics() {
        gateway.createTopic("economy");
        gateway.createTopic("health");

        assertCode(ErrorCode.TOPIC_LIMIT, () -> gateway.createTopic("sports"));
        assertThat(gateway.createTopic("health")).isEqualTo(Outcome.EXISTED);
        assertThat(done).hasSize(2);
    }

    @Test
    void shouldSayWhatIsUnknown() {
        assertCode(ErrorCode.TOPIC_UNKNOWN, () -> gateway.createSegment("economy", "news"));
        assertCode(ErrorCode.TOPIC_UNKNOWN, () -> gateway.deleteTopic("economy"));
        assertCode(ErrorCode.TOPIC_UNKNOWN, () -> gateway.deleteSegment("economy", "news"));
        gateway.createTopic("economy");
        assertCode(ErrorCode.SEGMENT_UNKNOWN, () -> gateway.deleteSegment("economy", "news"));
    }

    @Test
    void shouldDeleteATopicBehindAFenceThatTravelsWithTheData() throws Exception {
        gateway.createTopic("economy");
        gateway.createSegment("economy", "news");
        gateway.createSegment("economy", "filings");
        String life = catalog.view.topic("economy").orElseThrow().getIncarnation();
        List<String> lives = new ArrayList<>(List.of(life));
        catalog.view.segments("economy").forEach(segment -> lives.add(segment.getIncarnation()));
        done.clear();

        assertThat(gateway.deleteTopic("economy")).isEqualTo(Outcome.DELETED);

        assertThat(done)
                .containsExactly(
                        "fence capture.task/0",
                        "fence capture.task/1",
                        "closed economy " + life,
                        "fence inference/0",
                        "fence inference/1",
                        "fence chat.request/0",
                        "fence chat.request/1",
                        "fence run.event/0",
                        "fence run.event/1",
                        "delete economy " + life + " id 1 of raw.economy");
        assertThat(fences).allSatisfy(fence -> {
            assertThat(fence.getTopic()).isEqualTo("economy");
            assertThat(fence.getSegment()).isNull();
            assertThat(fence.getIncarnations()).isEqualTo(lives);
        });
        assertThat(fences)
                .extracting(Fence::getFenceId)
                .containsOnly(fences.getFirst().getFenceId());
        assertThat(catalog.view.topic("economy")).isEmpty();
        assertThat(catalog.view.segments("economy")).isEmpty();

        gateway.createTopic("economy");
        assertThat(catalog.view.topic("economy").orElseThrow().getIncarnation())
                .as("another life")
                .isNotEqualTo(life);
    }

    @Test
    void shouldDeleteASegmentThroughTheEnrichmentOfItsTopic() throws Exception {
        gateway.createTopic("economy");
        gateway.createSegment("economy", "news");
        gateway.createSegment("economy", "filings");
        String life = catalog.view.segment("economy", "news").orElseThrow().getIncarnation();
        done.clear();

        assertThat(gateway.deleteSegment("economy", "news")).isEqualTo(Outcome.DELETED);

        assertThat(done)
                .containsExactly(
                        "fence capture.task/0",
                        "fence capture.task/1",
                        "fence raw.economy/0",
                        "fence raw.economy/1",
                        "fence inference/0",
                        "fence inference/1",
                        "fence chat.request/0",
                        "fence chat.request/1");
        assertThat(fences).allSatisfy(fence -> {
            assertThat(fence.getSegment()).isEqualTo("news");
            assertThat(fence.getIncarnations()).containsExactly(life);
        });
        assertThat(catalog.view.topic("economy")).isPresent();
        assertThat(catalog.view.segments("economy"))
                .extracting(CatalogEntry::getSegment)
                .containsExactly("filings");
    }

    @Test
    void shouldRefuseToCreateWhatIsBeingDeleted() throws Exception {
        gateway.createTopic("economy");
        gateway.createSegment("economy", "news");
        CountDownLatch closing = new CountDownLatch(1);
        resources.closing = closing;
        CompletableFuture<Outcome> deleting = CompletableFuture.supplyAsync(() -> delete("economy"));
        await().until(() -> catalog.view.topic("economy").orElseThrow().getState() == CatalogState.DELETING);

        assertCode(ErrorCode.TOPIC_DELETING, () -> gateway.createTopic("economy"));
        assertCode(ErrorCode.TOPIC_DELETING, () -> gateway.createSegment("economy", "other"));
        assertCode(ErrorCode.TOPIC_DELETING, () -> gateway.deleteSegment("economy", "news"));
        assertThat(catalog.view.isCurrent("economy", "news", "any")).isFalse();
        deletions.resume(); // which is under way
        closing.countDown();

        assertThat(deleting.get(20, TimeUnit.SECONDS)).isEqualTo(Outcome.DELETED);
        assertThat(done).filteredOn(what -> what.startsWith("delete")).hasSize(1);
    }

    @Test
    void shouldTakeUpADeletionThatACrashInterrupted() {
        gateway.createTopic("economy");
        gateway.createSegment("economy", "news");
        CatalogEntry entry = catalog.view.topic("economy").orElseThrow();
        catalog.writer.put(
                "economy",
                CatalogEntry.newBuilder(entry)
                        .setState(CatalogState.DELETING)
                        .setFenceId("fence-of-the-crash")
                        .build());
        deletions.close();
        deletions = deletions();

        deletions.resume();

        await().atMost(Duration.ofSeconds(20))
                .until(() -> catalog.view.topic("economy").isEmpty());
        assertThat(catalog.view.segments("economy")).isEmpty();
        assertThat(fences).extracting(Fence::getFenceId).containsOnly("fence-of-the-crash");
    }

    @Test
    void shouldGoOnWithADeletionAfterAStepFailed() throws Exception {
        gateway.createTopic("economy");
        resources.failures.set(1);

        assertThat(gateway.deleteTopic("economy")).isEqualTo(Outcome.DELETED);

        assertThat(done).filteredOn(what -> what.equals("fence capture.task/0")).hasSize(2);
        assertThat(catalog.view.topic("economy")).isEmpty();
    }

    @Test
    void shouldDeleteOnlyOnceAndNothingOfTheNextLifeWhenSeveralGatewaysCarryIt() throws Exception {
        gateway.createTopic("economy");
        CountDownLatch slow = new CountDownLatch(1);
        CountDownLatch reached = new CountDownLatch(1);
        Resources stalling = new Resources() {
            @Override
            public void delete(String topic, String incarnation, Optional<String> kafkaTopicId) {
                reached.countDown();
                try {
                    assertThat(slow.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                super.delete(topic, incarnation, kafkaTopicId);
            }
        };
        try (Deletions other = new Deletions(
                catalog.view,
                catalog.writer,
                new Fences(new Stages(), Acks::new, serdes),
                stalling,
                InstantSource.fixed(NOW))) {
            catalog.changes.onChange(other::resume);
            resources.closing = reached; // so that both are at it

            assertThat(gateway.deleteTopic("economy")).isEqualTo(Outcome.DELETED);
            assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
            gateway.createTopic("economy");
            gateway.createSegment("economy", "news");
            CatalogEntry next = catalog.view.topic("economy").orElseThrow();
            done.clear();
            slow.countDown();

            await().until(() -> !done.isEmpty());
            assertThat(done).singleElement().asString().endsWith("id 1 of raw.economy");
            assertThat(next.getKafkaTopicId()).isEqualTo("id 2 of raw.economy");
            await().during(Duration.ofMillis(200))
                    .untilAsserted(
                            () -> assertThat(catalog.view.topic("economy")).contains(next));
            assertThat(catalog.view.segments("economy")).hasSize(1);
        }
    }

    @Test
    void shouldLeaveASegmentToTheDeletionOfItsTopic() throws Exception {
        gateway.createTopic("economy");
        gateway.createSegment("economy", "news");
        CatalogEntry segment = catalog.view.segment("economy", "news").orElseThrow();
        catalog.writer.put(
                "economy/news",
                CatalogEntry.newBuilder(segment)
                        .setState(CatalogState.DELETING)
                        .setFenceId("fence of the segment")
                        .build());

        assertThat(gateway.deleteTopic("economy")).isEqualTo(Outcome.DELETED);

        assertThat(fences).extracting(Fence::getFenceId).doesNotContain("fence of the segment");
        assertThat(catalog.view.segments("economy")).isEmpty();
    }

    @Test
    void shouldLookUpTheKafkaTopicOfAnEntryOfAnEarlierVersion() throws Exception {
        gateway.createTopic("economy");
        CatalogEntry entry = catalog.view.topic("economy").orElseThrow();
        catalog.writer.put(
                "economy", CatalogEntry.newBuilder(entry).setKafkaTopicId(null).build());

        gateway.deleteTopic("economy");

        assertThat(done.getLast()).endsWith("id 1 of raw.economy");
    }

    @Test
    void shouldRemoveOnlyWhatIsLeftOfLivesThatAreOver() {
        gateway.createTopic("economy");
        String living = EnrichmentTopology.applicationId(
                "economy", catalog.view.topic("economy").orElseThrow().getIncarnation());
        resources.remains.addAll(
                List.of(living, "penstock-enrichment-gone-12345678", "penstock-enrichment-busy-12345678"));
        Upkeep upkeep = upkeep();
        done.clear();

        upkeep.look();
        assertThat(done).as("not at first sight").isEmpty();
        resources.remains.add("penstock-enrichment-new-12345678");
        upkeep.look();

        assertThat(done).containsExactly("remove penstock-enrichment-gone-12345678");
        assertThat(resources.remains).contains(living, "penstock-enrichment-busy-12345678");
        upkeep.close();
    }

    private Upkeep upkeep() {
        return new Upkeep(catalog.view, catalog.writer, gateway, deletions, resources);
    }

    private Outcome delete(String topic) {
        try {
            return gateway.deleteTopic(topic);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertCode(ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private class Resources implements TopicResources, EnrichmentRemains {
        final Set<String> remains = new TreeSet<>();
        final AtomicInteger failures = new AtomicInteger();
        private final AtomicInteger made = new AtomicInteger();
        private boolean misfit;
        private @Nullable Runnable creating;
        private volatile CountDownLatch closing = new CountDownLatch(0);

        @Override
        public String create(String topic) {
            failMaybe();
            if (misfit) {
                throw new PenstockException(ErrorCode.CONFIG_INVALID, "It has another number of partitions.");
            }
            Runnable meanwhile = creating;
            creating = null;
            if (meanwhile != null) {
                meanwhile.run();
            }
            done.add("create " + topic + ", seen: "
                    + catalog.view.topic(topic).orElseThrow().getState());
            return "id " + made.incrementAndGet() + " of raw." + topic;
        }

        @Override
        public Optional<String> find(String topic) {
            return Optional.of("id " + made.get() + " of raw." + topic);
        }

        @Override
        public Set<String> applications() {
            return new TreeSet<>(remains);
        }

        @Override
        public void delete(String application) {
            if (application.contains("busy")) {
                throw new PenstockException(ErrorCode.NOT_READY, "It has members.");
            }
            remains.remove(application);
            done.add("remove " + application);
        }

        @Override
        public void awaitEnrichmentClosed(String topic, String incarnation, Duration patience)
                throws InterruptedException {
            failMaybe();
            assertThat(closing.await(patience.toSeconds(), TimeUnit.SECONDS)).isTrue();
            done.add("closed " + topic + " " + incarnation);
        }

        @Override
        public void delete(String topic, String incarnation, Optional<String> kafkaTopicId) {
            done.add("delete " + topic + " " + incarnation + " " + kafkaTopicId.orElseThrow());
        }

        private void failMaybe() {
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("injected");
            }
        }
    }

    /** Kafka with the stages behind it, each of which lets a fence pass and says so. */
    private final class Stages extends MockProducer<byte[], byte[]> {
        @Override
        @SuppressWarnings("NullAway") // who leads a partition does not matter here
        public List<PartitionInfo> partitionsFor(String topic) {
            return IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new PartitionInfo(topic, partition, null, null, null))
                    .toList();
        }

        @Override
        public synchronized Future<RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
            String topic = record.topic();
            Fence fence = switch (topic) {
                case Topics.CAPTURE_TASK ->
                    serdes.codec(CaptureTask.class).decode(record.value()).getFence();
                case Topics.RUN_EVENT ->
                    serdes.codec(RunEvent.class).decode(record.value()).getFence();
                case Topics.CHAT_REQUEST ->
                    serdes.codec(ChatRequest.class).decode(record.value()).getFence();
                case Topics.INFERENCE ->
                    serdes.codec(Inference.class).decode(record.value()).getFence();
                default -> serdes.codec(RawRecord.class).decode(record.value()).getFence();
            };
            fences.add(fence);
            done.add("fence " + topic + "/" + record.partition());
            String stage = Map.of(
                            Topics.CAPTURE_TASK, "capture",
                            Topics.INFERENCE, "vector-ingestion",
                            Topics.CHAT_REQUEST, "chat",
                            Topics.RUN_EVENT, "runs")
                    .getOrDefault(topic, "enrichment");
            acks.add(FenceAck.newBuilder()
                    .setFenceId("another fence")
                    .setStage(stage)
                    .setTopic(topic)
                    .setPartition(record.partition())
                    .setAt(NOW)
                    .build());
            acks.add(FenceAck.newBuilder()
                    .setFenceId(fence.getFenceId())
                    .setStage(stage)
                    .setTopic(topic)
                    .setPartition(record.partition())
                    .setAt(NOW)
                    .build());
            return sent(topic, record.partition());
        }

        private static Future<RecordMetadata> sent(String topic, int partition) {
            return CompletableFuture.completedFuture(
                    new RecordMetadata(new TopicPartition(topic, partition), 0, 0, 0, 0, 0));
        }
    }

    /** Reads the acknowledgements there are. */
    private final class Acks extends MockConsumer<byte[], byte[]> {
        Acks() {
            super("earliest");
        }

        @Override
        public synchronized void assign(java.util.Collection<TopicPartition> partitions) {
            super.assign(partitions);
            TopicPartition partition = partitions.iterator().next();
            updateBeginningOffsets(Map.of(partition, 0L));
            long offset = 0;
            for (FenceAck ack : acks) {
                addRecord(new ConsumerRecord<>(
                        partition.topic(),
                        partition.partition(),
                        offset++,
                        new byte[0],
                        serdes.codec(FenceAck.class).encode(Topics.FENCE_ACK, ack)));
            }
        }

        @Override
        public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(Map<TopicPartition, Long> times) {
            return new HashMap<>();
        }
    }
}
