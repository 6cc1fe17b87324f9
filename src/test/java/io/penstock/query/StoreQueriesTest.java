package io.penstock.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.query.StoreQueries.Entry;
import io.penstock.query.StoreQueries.Page;
import io.penstock.query.StoreQueries.Range;
import io.penstock.query.StoreQueries.Summary;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.Guarantee;
import io.penstock.topology.HostedState;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One topology over three partitions, which all tests read. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreQueriesTest {
    private static final String TOPIC = "store-queries-in";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MANY = 1_000;
    /** Beyond the basic plane the order of Java's strings is not that of their bytes. */
    private static final String LAST_OF_THE_PLANE = "\uFF5E";

    private static final String BEYOND_THE_PLANE = "\uD83D\uDE00";

    private final List<String> keys = keys();
    private final AtomicInteger valuesRead = new AtomicInteger();
    private final KafkaSettings kafka;
    private final TopologyHost host;
    private final StoreQueries queries;

    StoreQueriesTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        host = new TopologyHost(this::properties, new StageRuntime().clients());
        queries = new StoreQueries(host, List.of(definition("kept", "keeping"), definition("lost", "broken")));
    }

    private static List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            keys.add("a/" + i);
        }
        keys.addAll(List.of("a", "a0", "b", "b/1", LAST_OF_THE_PLANE, BEYOND_THE_PLANE, BEYOND_THE_PLANE + "/1"));
        keys.sort(Comparator.comparing(key -> key.getBytes(UTF_8), Arrays::compareUnsigned));
        return List.copyOf(keys);
    }

    @BeforeAll
    void start() throws Exception {
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1).ensure(List.of(TopicSpec.kept(TOPIC, 3, Duration.ofHours(1))));
        }
        host.start(topology("keeping"), StoreQueriesTest::keeping);
        Supplier<Topology> broken = () -> {
            throw new IllegalStateException("broken");
        };
        host.start(topology("broken"), broken);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(kafka.producer(), new StringSerializer(), new StringSerializer())) {
            for (String key : keys) {
                producer.send(new ProducerRecord<>(TOPIC, key, "value of " + key))
                        .get();
            }
        }
        await().atMost(PATIENCE).until(() -> host.find("keeping").orElseThrow().isReady());
        await().atMost(PATIENCE)
                .until(() -> queries.page("kept", all(MANY)).entries().size() == keys.size());
    }

    @AfterAll
    void stop() {
        host.close(List.of(), PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 46, 47, 48, MANY})
    void shouldPageThroughAllPartitionsInTheOrderOfKeys(int limit) {
        List<String> seen = new ArrayList<>();
        String after = null;
        int pages = 0;
        do {
            Page page = queries.page("kept", new Range(null, null, null, after, limit));
            assertThat(page.entries()).hasSizeLessThanOrEqualTo(limit);
            page.entries().forEach(entry -> seen.add(entry.key()));
            after = page.next();
            pages++;
        } while (after != null);

        assertThat(seen).isEqualTo(keys);
        assertThat(pages).isEqualTo((keys.size() + limit - 1) / limit);
    }

    @Test
    void shouldNotReadFromEachPartitionWhatIsBeyondThePage() {
        valuesRead.set(0);

        assertThat(queries.page("kept", all(10)).entries()).hasSize(10);

        assertThat(valuesRead.get()).as("of 33, eleven from each partition").isBetween(11, 32);
    }

    @Test
    void shouldReadManyKeysAtOnceWhereverTheyAre() {
        List<String> some = List.of("a/1", "a/2", "a/3", "a/4", "a/5", "b", "no such key");

        assertThat(queries.getAll("kept", some))
                .hasSize(6)
                .containsEntry("a/5", queries.get("kept", "a/5").orElseThrow())
                .doesNotContainKey("no such key");
        assertThat(queries.getAll("kept", List.of())).isEmpty();
        assertThatThrownBy(() -> queries.getAll("lost", some)).isInstanceOf(PenstockException.class);
    }

    @Test
    void shouldSpreadTheTestOverAllPartitions() {
        assertThat(queries.list())
                .filteredOn(summary -> summary.name().equals("kept"))
                .containsExactly(new Summary("kept", "keeping", "keeping", false, 3, keys.size(), 3));
    }

    @Test
    void shouldReturnWhatWasStored() {
        assertThat(queries.get("kept", "b/1")).contains("<value of b/1>");
        assertThat(queries.get("kept", BEYOND_THE_PLANE)).contains("<value of " + BEYOND_THE_PLANE + ">");
        assertThat(queries.get("kept", "nothing")).isEmpty();
        assertThat(queries.page("kept", new Range("b/", null, null, null, 5)).entries())
                .containsExactly(new Entry("b/1", "<value of b/1>"));
    }

    @Test
    void shouldShowAPageInTheFormOfAView() {
        assertThat(queries.page("kept", "length", new Range("b/", null, null, null, 5))
                        .entries())
                .containsExactly(new Entry("b/1", Map.of("length", 12)));
    }

    @Test
    void shouldLookLessOftenForWhoeverHasWaitedForLong() {
        assertThat(StoreQueries.pause(Duration.ZERO)).hasMillis(20);
        assertThat(StoreQueries.pause(Duration.ofSeconds(1))).hasMillis(100);
        assertThat(StoreQueries.pause(Duration.ofMinutes(5))).hasMillis(500);
    }

    @Test
    void shouldKeepToPrefixAndBounds() {
        assertThat(found("a/1", null, null, null))
                .containsExactly("a/1", "a/10", "a/11", "a/12", "a/13", "a/14", "a/15", "a/16", "a/17", "a/18", "a/19");
        assertThat(found(null, "b", LAST_OF_THE_PLANE, null)).containsExactly("b", "b/1", LAST_OF_THE_PLANE);
        assertThat(found(null, LAST_OF_THE_PLANE, null, null))
                .containsExactly(LAST_OF_THE_PLANE, BEYOND_THE_PLANE, BEYOND_THE_PLANE + "/1");
        assertThat(found(BEYOND_THE_PLANE, null, null, null))
                .containsExactly(BEYOND_THE_PLANE, BEYOND_THE_PLANE + "/1");
        assertThat(found("a/", "a/38", "a/4", null)).containsExactly("a/38", "a/39", "a/4");
        assertThat(found("a/", "a/38", "b", null))
                .containsExactly("a/38", "a/39", "a/4", "a/40", "a/5", "a/6", "a/7", "a/8", "a/9");
        assertThat(found("a/3", null, null, "a/37")).containsExactly("a/38", "a/39");
        assertThat(found("a/3", null, null, "a/39")).isEmpty();
        assertThat(found("nothing", null, null, null)).isEmpty();
        assertThat(found(null, "b", "a", null)).isEmpty();
        assertThat(found("b", null, null, "a/9")).containsExactly("b", "b/1");
    }

    @Test
    void shouldSayThatThereIsNoSuchStore() {
        assertThatThrownBy(() -> queries.get("nothing", "a")).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNKNOWN);
            assertThat(e.detail()).contains("'nothing'", "GET /api/stores");
        });
    }

    @Test
    void shouldSayThatAStoreIsNotReadyWhileItsTopologyDoesNotRun() {
        await().atMost(PATIENCE).until(() -> host.find("broken").orElseThrow().state() == HostedState.FAILED);

        assertThatThrownBy(() -> queries.get("lost", "a")).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY);
            assertThat(e.detail()).contains("lost", "broken");
        });
        assertThatThrownBy(() -> queries.page("lost", all(1)))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY));
        assertThat(queries.list()).contains(new Summary("lost", "broken", "broken", false, 0, 0, 3));
    }

    private List<String> found(
            @Nullable String prefix, @Nullable String from, @Nullable String to, @Nullable String after) {
        List<String> whole = queries.page("kept", new Range(prefix, from, to, after, MANY)).entries().stream()
                .map(Entry::key)
                .toList();
        List<String> firstTwo = queries.page("kept", new Range(prefix, from, to, after, 2)).entries().stream()
                .map(Entry::key)
                .toList();
        assertThat(firstTwo).isEqualTo(whole.subList(0, Math.min(2, whole.size())));
        return whole;
    }

    private static Range all(int limit) {
        return new Range(null, null, null, null, limit);
    }

    private StoreDefinition definition(String store, String topology) {
        return new StoreDefinition(
                        store,
                        StoreHome.of(topology, 3),
                        false,
                        key -> key,
                        String::valueOf,
                        value -> {
                            valuesRead.incrementAndGet();
                            return "<" + value + ">";
                        },
                        ValueFormat.plain())
                .withView("length", value -> Map.of("length", ((String) value).length()), ValueFormat.plain());
    }

    private static TopologyDefinition topology(String name) {
        return new TopologyDefinition(
                name,
                "store-queries-" + name,
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

    private static Topology keeping() {
        return new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), TOPIC)
                .addProcessor("keep", Keep::new, "source")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore("kept"), Serdes.String(), Serdes.String()),
                        "keep");
    }

    private static final class Keep implements Processor<String, String, Void, Void> {
        private @Nullable KeyValueStore<String, String> store;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            store = context.getStateStore("kept");
        }

        @Override
        @SuppressWarnings("NullAway") // init() comes before process()
        public void process(Record<String, String> record) {
            store.put(record.key(), record.value());
        }
    }
}
