package io.penstock.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.stage.StageRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(90)
@ExtendWith(SharedBroker.class)
class TopologyHostTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final int number = NUMBERS.incrementAndGet();
    private final String in = "host-in-" + number;
    private final Path state = SharedBroker.newFolder();
    private final List<String> closed = new CopyOnWriteArrayList<>();
    private final KafkaSettings kafka;
    private final Admin admin;
    private final TopologyHost host;

    TopologyHostTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        admin = Admin.create(kafka.admin());
        host = new TopologyHost(this::properties, new StageRuntime().clients());
    }

    @BeforeEach
    void makeTopics() {
        new KafkaProvisioner(admin, (short) 1)
                .ensure(List.of(
                        TopicSpec.kept(in, 1, Duration.ofHours(1)),
                        TopicSpec.kept(out("one"), 1, Duration.ofHours(1)),
                        TopicSpec.kept(out("two"), 1, Duration.ofHours(1))));
    }

    @AfterEach
    void stop() {
        host.close(List.of(), PATIENCE);
        admin.close();
    }

    @Test
    void shouldReplaceAnInstanceWhoseThreadDiedAndLeaveTheOthersAlone() {
        AtomicBoolean thrown = new AtomicBoolean();
        host.start(
                definition("one"),
                () -> passing("one", value -> {
                    if (value.equals("fault") && thrown.compareAndSet(false, true)) {
                        throw new IllegalStateException("injected");
                    }
                }));
        host.start(definition("two"), () -> passing("two", _ -> {}));
        await().atMost(PATIENCE).until(host::allReady);
        KafkaStreams steady = host.streams("two").orElseThrow();
        KafkaStreams first = host.streams("one").orElseThrow();

        send("before", "fault", "after");

        assertThat(read(out("two"), 3)).containsExactly("before", "fault", "after");
        assertThat(read(out("one"), 3)).as("each exactly once").containsExactly("before", "fault", "after");
        HostedTopology replaced = host.find("one").orElseThrow();
        await().atMost(PATIENCE).until(replaced::isReady);
        assertThat(replaced.restarts()).isEqualTo(1);
        assertThat(replaced.state()).isEqualTo(HostedState.RUNNING);
        assertThat(replaced.lastFailure())
                .hasValueSatisfying(failure -> assertThat(failure).contains("injected"));
        assertThat(host.streams("one").orElseThrow()).isNotSameAs(first);
        assertThat(host.find("two").orElseThrow().restarts()).isZero();
        assertThat(host.streams("two")).containsSame(steady);
        assertThat(steady.state()).isEqualTo(KafkaStreams.State.RUNNING);
    }

    @Test
    void shouldLeaveTheGroupAndRemoveItsFolderWhenATopologyIsRemoved() throws Exception {
        host.start(definition("one"), () -> passing("one", _ -> {}));
        await().atMost(PATIENCE).until(host::allReady);
        assertThat(groupState("one")).isEqualTo(GroupState.STABLE);
        assertThat(state.resolve(applicationId("one"))).isDirectory();

        assertThat(host.remove("one", PATIENCE)).isTrue();

        assertThat(groupState("one")).isIn(GroupState.EMPTY, GroupState.DEAD);
        assertThat(host.find("one")).isEmpty();
        assertThat(host.all()).isEmpty();
        Path folder = state.resolve(applicationId("one"));
        try (var left = Files.exists(folder) ? Files.list(folder) : java.util.stream.Stream.<Path>empty()) {
            assertThat(left.filter(Files::isDirectory)).isEmpty();
        }
        assertThat(host.remove("one", PATIENCE)).as("again").isTrue();
    }

    @Test
    void shouldKeepTryingToBuildATopologyThatIsInvalidWithoutDisturbingTheOthers() {
        AtomicInteger builds = new AtomicInteger();
        host.start(definition("one"), () -> {
            if (builds.incrementAndGet() < 4) {
                throw new IllegalStateException("invalid so far");
            }
            return passing("one", _ -> {});
        });
        host.start(definition("two"), () -> passing("two", _ -> {}));
        HostedTopology invalid = host.find("one").orElseThrow();
        await().atMost(PATIENCE).until(() -> invalid.restarts() > 0);
        assertThat(invalid.streams()).isEmpty();
        assertThat(invalid.isReady()).isFalse();
        assertThat(invalid.isMoving())
                .as("only the first start is expected to take a while")
                .isFalse();
        assertThat(host.allReady()).isFalse();
        assertThat(invalid.lastFailure())
                .hasValueSatisfying(failure -> assertThat(failure).contains("invalid so far"));

        await().atMost(PATIENCE).until(host::allReady);

        assertThat(builds).hasValue(4);
        assertThat(invalid.restarts()).isEqualTo(3);
        assertThat(host.find("two").orElseThrow().restarts()).isZero();
    }

    @Test
    void shouldStopATopologyThatCannotBeBuiltAndTryNoMore() {
        AtomicInteger builds = new AtomicInteger();
        host.start(definition("one"), () -> {
            builds.incrementAndGet();
            throw new IllegalStateException("invalid");
        });
        HostedTopology invalid = host.find("one").orElseThrow();
        await().atMost(PATIENCE).until(() -> invalid.state() == HostedState.FAILED);

        assertThat(host.remove("one", PATIENCE)).isTrue();
        int before = builds.get();

        assertThat(invalid.state()).isEqualTo(HostedState.STOPPED);
        await().during(Duration.ofMillis(1_200)).atMost(PATIENCE).until(() -> builds.get() == before);
    }

    @Test
    void shouldStopWhatOthersReadLastAndStartNothingAfterwards() {
        host.start(definition("one"), () -> passing("one", _ -> {}));
        host.start(definition("two"), () -> passing("two", _ -> {}));
        host.start(definition("two"), () -> {
            throw new AssertionError("one of that name is there");
        });
        assertThat(host.all()).extracting(hosted -> hosted.definition().name()).containsExactly("one", "two");
        assertThat(host.all())
                .allSatisfy(hosted -> assertThat(hosted.isMoving())
                        .as(
                                "no fault of the instance: %s is new",
                                hosted.definition().name())
                        .isTrue());
        await().atMost(PATIENCE).until(host::allReady);

        host.close(List.of("one"), PATIENCE);

        assertThat(closed).containsExactly("two", "one");
        assertThat(host.all()).extracting(HostedTopology::state).containsOnly(HostedState.STOPPED);
        host.start(definition("three"), () -> passing("one", _ -> {}));
        assertThat(host.find("three")).isEmpty();
    }

    @Test
    void shouldWaitLongerAfterEachFailureInARowButNotForEver() {
        assertThat(List.of(0, 1, 2, 3, 6, 7, 8, 1_000))
                .extracting(HostedTopology::backoff)
                .extracting(Duration::toMillis)
                .containsExactly(250L, 500L, 1_000L, 2_000L, 16_000L, 30_000L, 30_000L, 30_000L);
    }

    /** Hands values on, after showing each to a listener that may throw. */
    private Topology passing(String name, Consumer<String> listener) {
        return new Topology()
                .addSource("source", new ByteArrayDeserializer(), new StringDeserializer(), in)
                .addProcessor(
                        "pass",
                        () -> new ContextualProcessor<byte[], String, byte[], String>() {
                            @Override
                            public void process(Record<byte[], String> record) {
                                listener.accept(record.value());
                                context().forward(record);
                            }

                            @Override
                            public void close() {
                                closed.add(name);
                            }
                        },
                        "source")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                        Stores.persistentKeyValueStore("kept"), Serdes.String(), Serdes.String())
                                .withLoggingDisabled(),
                        "pass")
                .addSink("sink", out(name), new ByteArraySerializer(), new StringSerializer(), "pass");
    }

    private TopologyDefinition definition(String name) {
        return new TopologyDefinition(
                name, applicationId(name), Guarantee.EXACTLY_ONCE_V2, 1, "all", "Passes on.", Map.of(), "test");
    }

    private Properties properties(TopologyDefinition definition) {
        Properties properties = new Properties();
        properties.putAll(kafka.streams());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, definition.applicationId());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toAbsolutePath().toString());
        properties.put(
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                definition.guarantee().text());
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, definition.threads());
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 50);
        properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        return properties;
    }

    private String applicationId(String name) {
        return "host-" + number + "-" + name;
    }

    private String out(String name) {
        return "host-out-" + number + "-" + name;
    }

    private GroupState groupState(String name) throws InterruptedException {
        try {
            return admin.describeConsumerGroups(List.of(applicationId(name)))
                    .all()
                    .get()
                    .values()
                    .iterator()
                    .next()
                    .groupState();
        } catch (ExecutionException e) {
            return GroupState.DEAD; // it is gone
        }
    }

    private void send(String... values) {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String value : values) {
                var _ = producer.send(new ProducerRecord<>(in, value.getBytes(UTF_8)));
            }
        }
    }

    /** So many values, committed; more when there are. */
    private List<String> read(String topic, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                kafka.consumer("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            await().atMost(PATIENCE).until(() -> {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(new String(record.value(), UTF_8));
                }
                return values.size() >= count;
            });
        }
        return values;
    }
}
