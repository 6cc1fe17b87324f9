package io.penstock.vector;

import static io.penstock.vector.Chunks.chunk;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.cluster.LoopbackPeers;
import io.penstock.cluster.PeerServer;
import io.penstock.embedding.Embedder;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.schema.Chunk;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.Guarantee;
import io.penstock.topology.StreamsProperties;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The index on real Kafka Streams: two instances that share its four partitions and ask each other over HTTP, and restarts. */
@Timeout(120)
@ExtendWith(SharedBroker.class)
class VectorIndexOnTwoInstancesTest {
    private static final int PARTITIONS = 4;
    private static final int CHUNKS = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> WORDS =
            List.of("rose", "bean", "kale", "frost", "March", "prune", "sow", "water", "soil", "seed");

    private final KafkaSettings kafka;
    private final Map<String, Chunk> chunks = new TreeMap<>();
    private final Map<SearchMode, List<SearchHit>> hitsOfOne = new EnumMap<>(SearchMode.class);

    @TempDir
    private Path folder;

    VectorIndexOnTwoInstancesTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        Random random = new Random(3);
        for (int n = 0; n < CHUNKS; n++) {
            String text = WORDS.get(random.nextInt(10)) + " " + WORDS.get(random.nextInt(10)) + " " + n;
            chunks.put("k" + n, chunk("i" + n, text, Chunks.random(random, 8)));
        }
    }

    @Test
    void shouldGiveTheSameHitsAsOneWouldAndAPartWithoutAnInstanceThatIsGone() throws Exception {
        fill("index-alone");
        try (Member first = new Member("index-alone", "first", 0);
                Member second = new Member("index-alone", "second", 0)) {
            acquaint(first, second);
            awaitWhole(first, second);
            assertSameAsOne(first, second);

            second.crash();
            SearchResult part = first.search(SearchMode.HYBRID);

            assertThat(part.asked()).isEqualTo(PARTITIONS);
            assertThat(part.answered()).isEqualTo(2);
            try (Member back = new Member("index-alone", "second", 0)) {
                acquaint(first, back);
                awaitWhole(first, back);
                assertSameAsOne(first, back);
            }
        }
    }

    @Test
    void shouldAnswerWithCopiesWhatAnInstanceHeldThatIsGone() throws Exception {
        fill("index-copied");
        try (Member first = new Member("index-copied", "first", 1);
                Member second = new Member("index-copied", "second", 1)) {
            await("the first has copies of what the second holds")
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> {
                        assertThat(first.active()).isEqualTo(2);
                        assertThat(second.active()).isEqualTo(2);
                        SearchResult alone = first.search(SearchMode.HYBRID);
                        assertThat(alone.answered()).isEqualTo(PARTITIONS);
                        assertThat(ids(alone.hits())).isEqualTo(ids(asOne(SearchMode.HYBRID)));
                    });
            acquaint(first, second);
            assertThat(first.search(SearchMode.HYBRID).stale()).isZero();

            second.crash();
            long begin = System.nanoTime();
            SearchResult whole = first.search(SearchMode.HYBRID);

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
            assertThat(whole.answered()).isEqualTo(PARTITIONS);
            assertThat(whole.stale()).isEqualTo(2);
            assertThat(ids(whole.hits())).isEqualTo(ids(asOne(SearchMode.HYBRID)));
        }
    }

    @Test
    void shouldReplayNothingAfterACleanStopAndEverythingWhenItsFolderIsGone() throws Exception {
        fill("index-restarted");
        try (Member first = new Member("index-restarted", "first", 0)) {
            awaitWhole(first);
        }
        try (Member again = new Member("index-restarted", "first", 0)) {
            awaitWhole(again);
            assertSameAsOne(again);
            assertThat(again.topology.activity().restored()).isZero();
            assertThat(again.topology.activity().indexed()).isZero();
        }
        try (Member wiped = new Member("index-restarted", "other", 0)) {
            awaitWhole(wiped);
            assertSameAsOne(wiped);
            assertThat(wiped.topology.activity().restored()).isEqualTo(CHUNKS);
        }
    }

    private void fill(String topic) throws Exception {
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1)
                    .ensure(List.of(TopicSpec.compacted(topic, PARTITIONS, Duration.ofDays(7))));
        }
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            int n = 0;
            for (Map.Entry<String, Chunk> entry : chunks.entrySet()) {
                var _ = producer.send(new ProducerRecord<>(
                        topic, n++ % PARTITIONS, entry.getKey().getBytes(UTF_8), Chunks.value(entry.getValue())));
            }
        }
    }

    private static void acquaint(Member one, Member other) {
        one.peers.become(other.server.peer("other", VectorIndexTopology.NAME));
        other.peers.become(one.server.peer("one", VectorIndexTopology.NAME));
    }

    /** Until every chunk is seen from each, and each has its share. */
    private static void awaitWhole(Member... members) {
        await("the whole index can be searched")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> {
                    int documents = 0;
                    for (Member member : members) {
                        assertThat(member.active()).isEqualTo(PARTITIONS / members.length);
                        documents += (int) member.documents();
                        assertThat(member.search(SearchMode.HYBRID).answered()).isEqualTo(PARTITIONS);
                    }
                    assertThat(documents).isEqualTo(CHUNKS);
                });
    }

    private void assertSameAsOne(Member... members) throws Exception {
        for (SearchMode mode : SearchMode.values()) {
            List<SearchHit> expected = asOne(mode);
            assertThat(expected).hasSize(20);
            for (Member member : members) {
                await("its view is that of all chunks").atMost(PATIENCE).untilAsserted(() -> {
                    SearchResult result = member.search(mode);
                    assertThat(ids(result.hits())).isEqualTo(ids(expected));
                    assertThat(result.answered()).isEqualTo(PARTITIONS);
                    assertThat(result.stale()).isZero();
                    assertThat(result.hits().getFirst().score())
                            .isCloseTo(expected.getFirst().score(), within(1e-6));
                });
            }
        }
    }

    private static List<String> ids(List<SearchHit> hits) {
        return hits.stream().map(SearchHit::id).toList();
    }

    /** What a single index of all chunks finds. */
    private List<SearchHit> asOne(SearchMode mode) throws Exception {
        List<SearchHit> known = hitsOfOne.get(mode);
        if (known != null) {
            return known;
        }
        try (OpenStore one = new OpenStore(folder.resolve("one-" + mode))) {
            chunks.forEach(one::put);
            one.store.all().close();
            List<SearchHit> hits = new LocalRetriever(new FixedQuestion(), new StoreShards(List.of(one)), 1, _ -> true)
                    .search(request(mode))
                    .hits();
            hitsOfOne.put(mode, hits);
            return hits;
        }
    }

    private static SearchRequest request(SearchMode mode) {
        return new SearchRequest("sow beans in March", null, null, 20, mode);
    }

    /** An instance with the server that it answers at. */
    private final class Member implements AutoCloseable {
        private final VectorIndexTopology topology;
        private final TopologyHost host;
        private final LoopbackPeers peers = new LoopbackPeers("the key");
        private final Retriever retriever;
        private final PeerServer server;

        Member(String topic, String name, int standbys) {
            VectorIndexSettings standard = VectorIndexSettings.forModel(Chunks.MODEL);
            topology = new VectorIndexTopology(
                    Chunks.SERDES,
                    InstantSource.system(),
                    new VectorIndexSettings(
                            Chunks.MODEL,
                            topic,
                            standard.refreshInterval(),
                            standard.completedWait(),
                            standard.commitInterval(),
                            standard.tombstoneRetention(),
                            standard.ramBufferMiB(),
                            standard.analyzer()));
            host = new TopologyHost(
                    definition -> StreamsProperties.of(definition, kafka, folder.resolve(topic + "-" + name)),
                    new StageRuntime().clients());
            retriever = new LocalRetriever(
                    () -> host.streams(VectorIndexTopology.NAME),
                    peers,
                    Chunks.SERDES,
                    new FixedQuestion(),
                    PARTITIONS,
                    _ -> true);
            IndexAnswers answers =
                    new IndexAnswers(() -> host.streams(VectorIndexTopology.NAME), retriever, Chunks.SERDES);
            server = new PeerServer((path, question) -> "200 " + answers.query(read(question)));
            host.start(
                    new TopologyDefinition(
                            VectorIndexTopology.NAME,
                            topic,
                            Guarantee.AT_LEAST_ONCE,
                            1,
                            "rag",
                            "The index.",
                            Map.of("commit.interval.ms", "100", "num.standby.replicas", Integer.toString(standbys)),
                            "a test"),
                    topology::build);
        }

        SearchResult search(SearchMode mode) throws InterruptedException {
            return retriever.search(request(mode));
        }

        /** How many partitions are active here. */
        int active() {
            return new StreamsShards(() -> host.streams(VectorIndexTopology.NAME), "any")
                    .ask(new CorpusQuery("any"), Map.of(), Shards.numbered(PARTITIONS), StreamsShards.PATIENCE)
                    .answers()
                    .size();
        }

        /** How many chunks the partitions hold that are active here. */
        long documents() {
            return new StreamsShards(() -> host.streams(VectorIndexTopology.NAME), "any")
                            .ask(new CorpusQuery("any"), Map.of(), Shards.numbered(PARTITIONS), StreamsShards.PATIENCE)
                            .values()
                            .stream()
                            .mapToLong(CorpusStatistics::documents)
                            .sum();
        }

        /** Falls silent without telling its group, which goes on without it only when its session has run out. */
        void crash() {
            server.close();
            host.streams(VectorIndexTopology.NAME).ifPresent(KafkaStreams::close);
        }

        @Override
        public void close() {
            server.close();
            peers.close();
            host.close(List.of(), PATIENCE);
        }
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class FixedQuestion implements Embedder {
        private static final float[] VECTOR = Chunks.random(new Random(99), 8);

        @Override
        public float[] embed(String text) {
            return VECTOR.clone();
        }

        @Override
        public int dimension() {
            return VECTOR.length;
        }

        @Override
        public String fingerprint() {
            return Chunks.MODEL;
        }

        @Override
        public int countTokens(String text) {
            return 1;
        }

        @Override
        public int maxTokens() {
            return 512;
        }
    }
}
