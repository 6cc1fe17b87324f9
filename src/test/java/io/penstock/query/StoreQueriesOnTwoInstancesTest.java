package io.penstock.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.cluster.LoopbackPeers;
import io.penstock.cluster.Peer;
import io.penstock.cluster.PeerServer;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.query.StoreQueries.Page;
import io.penstock.query.StoreQueries.Range;
import io.penstock.query.StoreQueries.Summary;
import io.penstock.schema.SeenAlert;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.Guarantee;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyHost;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two instances that share the four partitions of a store, and a third that runs nothing; they ask each other over HTTP. */
@Timeout(90)
@ExtendWith(SharedBroker.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreQueriesOnTwoInstancesTest {
    private static final String TOPIC = "shared-store-in";
    private static final String TOPOLOGY = "sharing";
    private static final int PARTITIONS = 4;
    private static final int KEYS = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final KafkaSettings kafka;
    private final Member first;
    private final Member second;
    private final Member idle;

    /** An instance with the server that it answers at. */
    private final class Member implements AutoCloseable {
        private final TopologyHost host =
                new TopologyHost(StoreQueriesOnTwoInstancesTest.this::properties, new StageRuntime().clients());
        private final LoopbackPeers peers = new LoopbackPeers("the key");
        private final StoreQueries queries =
                new StoreQueries(host, List.of(definition()), peers, Map.of(TOPOLOGY, "gateway"));
        private final PeerServer server = new PeerServer(this::answer);
        private volatile boolean silent;

        private String answer(String path, String question) {
            if (silent) {
                return "503 {\"detail\":\"It is stopping.\"}";
            }
            JsonNode asked = read(question);
            return "200 "
                    + switch (path) {
                        case StoreAnswers.GET -> queries.answers().get(asked);
                        case StoreAnswers.PAGE -> queries.answers().page(asked);
                        case StoreAnswers.LIST -> queries.answers().list();
                        default -> throw new IllegalArgumentException(path);
                    };
        }

        Peer peer() {
            return host.all().isEmpty() ? server.peer("idle") : server.peer("host", TOPOLOGY);
        }

        int partitions() {
            return queries.answers().summaries().stream()
                    .mapToInt(Summary::partitions)
                    .sum();
        }

        @Override
        public void close() {
            server.close();
            peers.close();
            host.close(List.of(), PATIENCE);
        }
    }

    StoreQueriesOnTwoInstancesTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        first = new Member();
        second = new Member();
        idle = new Member();
    }

    @BeforeAll
    void start() throws Exception {
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1)
                    .ensure(List.of(TopicSpec.kept(TOPIC, PARTITIONS, Duration.ofHours(1))));
        }
        first.host.start(topology(), this::sharing);
        second.host.start(topology(), this::sharing);
        first.peers.become(second.peer(), idle.peer());
        second.peers.become(first.peer(), idle.peer());
        idle.peers.become(first.peer(), second.peer());
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(kafka.producer(), new StringSerializer(), new StringSerializer())) {
            for (String key : keys()) {
                producer.send(new ProducerRecord<>(TOPIC, key, "topic of " + key))
                        .get();
            }
        }
        await().atMost(PATIENCE).until(() -> first.partitions() == 2 && second.partitions() == 2);
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> idle.queries.page("kept", all(1_000)).entries().size() == KEYS);
    }

    private static List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            keys.add("key-" + (100 + i));
        }
        return keys;
    }

    @AfterAll
    void stop() {
        first.close();
        second.close();
        idle.close();
    }

    @Test
    void shouldPageThroughTheWholeStoreFromEachInstance() {
        for (Member member : List.of(first, second, idle)) {
            List<String> seen = new ArrayList<>();
            String after = null;
            do {
                Page page = member.queries.page("kept", new Range("key-", null, null, after, 7));
                page.entries().forEach(entry -> seen.add(entry.key()));
                after = page.next();
            } while (after != null);

            assertThat(seen).isEqualTo(keys());
        }
    }

    @Test
    void shouldPutValuesInTheFormOfAViewWhereTheyAre() {
        for (Member member : List.of(first, second, idle)) {
            Page page = member.queries.page("kept", "short", all(KEYS));

            assertThat(page.entries())
                    .hasSize(KEYS)
                    .allSatisfy(
                            entry -> assertThat(entry.value()).isEqualTo(Map.of("short", "topic of " + entry.key())));
        }
    }

    @Test
    void shouldFindEachKeyFromEachInstanceAsWhatWasStored() {
        for (Member member : List.of(first, second, idle)) {
            for (String key : keys()) {
                assertThat(member.queries.get("kept", key))
                        .hasValueSatisfying(value ->
                                assertThat(((SeenAlert) value).getTopic()).isEqualTo("topic of " + key));
            }
            assertThat(member.queries.get("kept", "nothing")).isEmpty();
            assertThat(member.queries.getAll("kept", keys()).keySet()).containsExactlyInAnyOrderElementsOf(keys());
        }
    }

    @Test
    void shouldCountTheEntriesOfAllInstances() {
        for (Member member : List.of(first, second, idle)) {
            assertThat(member.queries.list())
                    .containsExactly(new Summary("kept", TOPOLOGY, TOPOLOGY, false, PARTITIONS, KEYS, PARTITIONS));
        }
    }

    @Test
    void shouldSayNotReadyRatherThanAnswerFromAPart() {
        second.silent = true;
        try {
            notReady(() -> first.queries.page("kept", all(1)), "2 of 4 partitions", "It is stopping.");
            notReady(() -> first.queries.get("kept", "nothing"), "kept", TOPOLOGY);
            notReady(() -> first.queries.getAll("kept", keys()), "kept", TOPOLOGY);
            assertThat(keys().stream().filter(key -> isFound(first, key)).count())
                    .as("keys that can be told all the same")
                    .isBetween(1L, KEYS - 1L);
            assertThat(first.queries.list())
                    .extracting(Summary::partitions, Summary::wanted)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(2, 4));
        } finally {
            second.silent = false;
        }
    }

    private static boolean isFound(Member member, String key) {
        try {
            return member.queries.get("kept", key).isPresent();
        } catch (PenstockException e) {
            return false;
        }
    }

    @Test
    void shouldSayWhichRoleIsMissing() {
        try (Member alone = new Member()) {
            notReady(() -> alone.queries.get("kept", "key-100"), TOPOLOGY, "role gateway");
        }
    }

    @Test
    void shouldNotCountAPartitionThatTwoClaim() {
        idle.peers.become(first.peer(), second.peer(), first.server.peer("again", TOPOLOGY));
        try {
            notReady(() -> idle.queries.page("kept", all(1)), "moving", "two of them");
        } finally {
            idle.peers.become(first.peer(), second.peer());
        }
    }

    @Test
    void shouldWaitForAKeyThatIsElsewhere() throws InterruptedException {
        assertThat(idle.queries.await("kept", "key-100", value -> true, PATIENCE))
                .isPresent();
        assertThat(idle.queries.await("kept", "key-100", value -> false, Duration.ofMillis(50)))
                .as("as it is when the time is over")
                .isPresent();
        assertThat(idle.queries.await("kept", "nothing", value -> true, Duration.ofMillis(50)))
                .isEmpty();
    }

    private static void notReady(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY);
            assertThat(e.detail()).contains(parts);
        });
    }

    private static Range all(int limit) {
        return new Range(null, null, null, null, limit);
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private StoreDefinition definition() {
        return new StoreDefinition(
                        "kept",
                        StoreHome.of(TOPOLOGY, PARTITIONS),
                        false,
                        key -> key,
                        String::valueOf,
                        value -> value,
                        ValueFormat.records(SeenAlert.class, serdes.store(SeenAlert.class)))
                .withView("short", value -> Map.of("short", ((SeenAlert) value).getTopic()), ValueFormat.plain());
    }

    private static TopologyDefinition topology() {
        return new TopologyDefinition(
                TOPOLOGY,
                "store-queries-sharing",
                Guarantee.AT_LEAST_ONCE,
                1,
                "all",
                "Keeps what comes.",
                Map.of(),
                "test");
    }

    private Properties properties(TopologyDefinition definition) {
        Properties properties = new Properties();
        properties.putAll(kafka.streams());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, definition.applicationId());
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG,
                SharedBroker.newFolder().toAbsolutePath().toString());
        properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        return properties;
    }

    private Topology sharing() {
        return new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), TOPIC)
                .addProcessor("keep", Keep::new, "source")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore("kept"), Serdes.String(), serdes.store(SeenAlert.class)),
                        "keep");
    }

    private static final class Keep implements Processor<String, String, Void, Void> {
        private @Nullable KeyValueStore<String, SeenAlert> store;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            store = context.getStateStore("kept");
        }

        @Override
        @SuppressWarnings("NullAway") // init() comes before process()
        public void process(Record<String, String> record) {
            store.put(
                    record.key(),
                    SeenAlert.newBuilder()
                            .setTopic(record.value())
                            .setSegmentTargets(List.of())
                            .setSeenAt(Instant.EPOCH)
                            .build());
        }
    }
}
