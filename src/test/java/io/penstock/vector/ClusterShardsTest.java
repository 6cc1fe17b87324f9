package io.penstock.vector;

import static io.penstock.vector.Chunks.chunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.cluster.LoopbackPeers;
import io.penstock.cluster.PeerServer;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.streams.query.PositionBound;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shards on other instances, asked over HTTP; here is none. */
@Timeout(30)
class ClusterShardsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final float[] QUESTION = Chunks.unit(1, 0, 0);

    private final IndexWire wire = new IndexWire(Chunks.CODEC);
    private final LoopbackPeers peers = new LoopbackPeers("the key");
    private OpenStore one;
    private OpenStore two;

    @BeforeEach
    void fill(@TempDir Path first, @TempDir Path second) {
        one = new OpenStore(first)
                .put("roses", chunk("roses", "Prune the roses in March.", 0.3f, 0.1f, 0.7f))
                .put("kale", chunk("kale", "Sow the kale in June.", 0.2f, 0.9f, 0));
        two = new OpenStore(second).put("beans", chunk("beans", "Sow the beans in May.", 0.6f, 0.8f, 0.1f));
        one.store.all().close(); // makes what was put visible
        two.store.all().close();
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
        peers.close();
    }

    @Test
    void shouldGiveTheAnswersThatTheShardsGave() {
        try (PeerServer first = server(Map.of("0", one));
                PeerServer second = server(Map.of("1", two))) {
            peers.become(first.peer("first", "vector-index"), second.peer("second", "vector-index"));
            ChunkQuery query = new ChunkQuery(
                    SearchMode.HYBRID,
                    QUESTION,
                    Chunks.MODEL,
                    "sow in May",
                    50,
                    50,
                    new ChunkFilter("garden", "notes", null, null, null, null, "en", null, Instant.now()),
                    CorpusStatistics.EMPTY,
                    Duration.ofSeconds(10));
            assertThat(shards(2).ask(query).answers()).isEqualTo(Map.of(0, local(one, query), 1, local(two, query)));

            CorpusQuery corpus = new CorpusQuery("sow in May");
            assertThat(shards(2).ask(corpus).answers()).isEqualTo(Map.of(0, local(one, corpus), 1, local(two, corpus)));

            Set<String> ids = Set.of("roses", "beans", "nothing");
            ChunkLookup lookup = new ChunkLookup(Map.of(0, ids, 1, ids));
            assertThat(shards(2).ask(lookup).answers()).isEqualTo(Map.of(0, local(one, lookup), 1, local(two, lookup)));
        }
    }

    @Test
    void shouldCountAPartitionOnceWhoeverHasIt() {
        try (PeerServer first = server(Map.of("0", one, "1", two));
                PeerServer second = server(Map.of("1", two))) {
            peers.become(first.peer("first", "vector-index"), second.peer("second", "vector-index"));

            assertThat(shards(4).ask(new CorpusQuery("sow")).answers()).containsOnlyKeys(0, 1);
        }
    }

    @Test
    void shouldDoWithoutAShardThatDoesNotAnswer() {
        try (PeerServer first = server(Map.of("0", one));
                PeerServer broken = new PeerServer((path, question) -> "503 {\"detail\":\"It is stopping.\"}");
                PeerServer strange = new PeerServer((path, question) -> "200 {\"shards\":{\"x\":{},\"3\":[1]}}")) {
            peers.become(
                    first.peer("first", "vector-index"),
                    broken.peer("broken", "vector-index"),
                    strange.peer("strange", "vector-index"));

            assertThat(shards(4).ask(new CorpusQuery("sow")).answers()).containsOnlyKeys(0);
        }
    }

    @Test
    void shouldTakeACopyOnlyWhereNobodyElseHasThePartition() {
        try (PeerServer copying = server(Map.of("0", one, "1", one), Set.of(0, 1));
                PeerServer first = server(Map.of("0", two))) {
            peers.become(copying.peer("a", "vector-index"), first.peer("b", "vector-index"));
            CorpusQuery corpus = new CorpusQuery("sow");

            ShardAnswers<CorpusStatistics> found = shards(2).ask(corpus);

            assertThat(found.answers()).isEqualTo(Map.of(0, local(two, corpus), 1, local(one, corpus)));
            assertThat(found.copies()).containsExactly(1);
        }
    }

    @Test
    void shouldNotWaitAgainForAnInstanceThatDidNotAnswer() {
        AtomicInteger asked = new AtomicInteger();
        try (PeerServer broken = new PeerServer((path, question) -> {
                    asked.incrementAndGet();
                    return "503 {\"detail\":\"It is stopping.\"}";
                });
                PeerServer first = server(Map.of("0", one))) {
            peers.become(broken.peer("broken", "vector-index"), first.peer("first", "vector-index"));
            Shards.Session session = shards(2);

            for (int i = 0; i < 3; i++) {
                assertThat(session.ask(new CorpusQuery("sow")).answers()).containsOnlyKeys(0);
            }
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void shouldSayWhichPartitionsAreBehindThePositionThatIsAskedFor() {
        try (PeerServer first = server(Map.of("0", one));
                PeerServer second = server(Map.of("1", two))) {
            peers.become(first.peer("first", "vector-index"), second.peer("second", "vector-index"));

            ShardAnswers<CorpusStatistics> found = shards(2).ask(new CorpusQuery("sow"), Map.of(0, 1L, 1, 5L));

            assertThat(found.answers()).containsOnlyKeys(0);
            assertThat(found.behind()).containsExactly(1);
        }
    }

    @Test
    void shouldSayThatNoShardIsThereWhenNobodyHasTheIndex() {
        try (PeerServer other = server(Map.of("0", one))) {
            peers.become(other.peer("other", "runs"));

            unavailable(() -> shards(4).ask(new CorpusQuery("sow")));
            unavailable(() -> new RemoteRetriever(peers, Chunks.SERDES)
                    .search(new SearchRequest("sow", null, null, 5, SearchMode.DENSE)));
        }
    }

    @Test
    void shouldHaveAnotherInstanceSearchAndTryTheNextWhenOneCannot() throws Exception {
        SearchResult result = new SearchResult(
                List.of(new SearchHit(
                        "id", 0.1 + 0.2, "garden", "notes", "files", "beans", "Beans", "file:///b", "Sow.", 0, 4, 0.7)),
                4,
                3,
                1);
        SearchRequest request = new SearchRequest("sow", null, "notes", 5, SearchMode.LEXICAL)
                .reaching(Map.of(2, 17L), Duration.ofSeconds(1));
        try (PeerServer broken = new PeerServer((path, question) -> "503 {\"detail\":\"It is stopping.\"}");
                PeerServer able = new PeerServer((path, question) -> {
                    assertThat(path).isEqualTo(IndexAnswers.SEARCH);
                    SearchRequest asked = wire.readRequest(read(question));
                    assertThat(asked.patience()).isBetween(Duration.ofMillis(1), request.patience());
                    assertThat(asked.reaching(request.position(), request.patience()))
                            .isEqualTo(request);
                    return "200 " + wire.result(result);
                })) {
            peers.become(broken.peer("broken", "vector-index"), able.peer("able", "vector-index"));
            Retriever retriever = new RemoteRetriever(peers, Chunks.SERDES);

            for (int turn = 0; turn < 4; turn++) {
                assertThat(retriever.search(request)).isEqualTo(result);
            }
        }
    }

    @Test
    void shouldPassOnThatTheIndexIsNotReadyOnceTheWaitIsOver() {
        SearchRequest request = new SearchRequest("sow", null, null, 5, SearchMode.LEXICAL)
                .reaching(Map.of(2, 17L), Duration.ofMillis(300));
        AtomicInteger waited = new AtomicInteger();
        PeerServer.Answering behind = (path, question) -> {
            waited.incrementAndGet();
            Duration patience = wire.readRequest(read(question)).patience();
            new CountDownLatch(1).await(patience.toNanos(), TimeUnit.NANOSECONDS);
            return "503 {\"code\":\"not-ready\",\"detail\":\"Partition 2 is behind.\"}";
        };
        try (PeerServer first = new PeerServer(behind);
                PeerServer second = new PeerServer(behind)) {
            peers.become(first.peer("a", "vector-index"), second.peer("b", "vector-index"));

            assertThatThrownBy(() -> new RemoteRetriever(peers, Chunks.SERDES).search(request))
                    .isInstanceOfSatisfying(PenstockException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY);
                        assertThat(e.detail()).isEqualTo("Partition 2 is behind.");
                    });
            assertThat(waited).hasValue(1);
        }
    }

    @Test
    void shouldWaitAtAnotherInstanceWhenOneIsNotReadySinceItIsStopping() throws Exception {
        SearchResult result = new SearchResult(List.of(), 4, 4, 0);
        SearchRequest request = new SearchRequest("sow", null, null, 5, SearchMode.LEXICAL)
                .reaching(Map.of(2, 17L), Duration.ofSeconds(20));
        try (PeerServer stopping =
                        new PeerServer((path, question) -> "503 {\"code\":\"not-ready\",\"detail\":\"It stops.\"}");
                PeerServer able = new PeerServer((path, question) -> "200 " + wire.result(result))) {
            peers.become(stopping.peer("a", "vector-index"), able.peer("b", "vector-index"));

            assertThat(new RemoteRetriever(peers, Chunks.SERDES).search(request))
                    .isEqualTo(result);
        }
    }

    @Test
    void shouldPassOnAtOnceThatTheSearchMakesNoSense() {
        AtomicInteger asked = new AtomicInteger();
        PeerServer.Answering refusing = (path, question) -> {
            asked.incrementAndGet();
            return "422 {\"code\":\"parameter.invalid\",\"detail\":\"q is empty.\"}";
        };
        try (PeerServer first = new PeerServer(refusing);
                PeerServer second = new PeerServer(refusing)) {
            peers.become(first.peer("a", "vector-index"), second.peer("b", "vector-index"));

            assertThatThrownBy(() -> new RemoteRetriever(peers, Chunks.SERDES)
                            .search(new SearchRequest("sow", null, null, 5, SearchMode.DENSE)))
                    .isInstanceOfSatisfying(
                            PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PARAMETER_INVALID));
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    void shouldAskAnotherInstanceForWhatItHasShortlyBeforeItsOwnTimeIsOver() {
        AtomicReference<Duration> patience = new AtomicReference<>();
        try (PeerServer first = new PeerServer((path, question) -> {
            patience.set(wire.patience(read(question)));
            return "200 {\"shards\":{},\"behind\":[0]}";
        })) {
            peers.become(first.peer("first", "vector-index"));

            shards(2).ask(new CorpusQuery("sow"));

            assertThat(patience.get())
                    .isBetween(LocalRetriever.SHARD_PATIENCE.plusMillis(500), ClusterShards.PATIENCE.minusMillis(250));
        }
    }

    private static void unavailable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SHARD_UNAVAILABLE));
    }

    private Shards.Session shards(int partitions) {
        return new ClusterShards(new StreamsShards(Optional::empty, Topics.CHUNK), peers, wire, partitions).begin();
    }

    private static <R> R local(OpenStore store, IndexQuery<R> query) {
        return store.query(query, PositionBound.unbounded()).getResult();
    }

    private PeerServer server(Map<String, OpenStore> stores) {
        return server(stores, Set.of());
    }

    private PeerServer server(Map<String, OpenStore> stores, Set<Integer> copies) {
        return new PeerServer((path, question) -> {
            assertThat(path).isEqualTo(IndexAnswers.QUERY);
            JsonNode asked = read(question);
            IndexQuery<?> query = wire.query(asked);
            Map<Integer, Object> answers = new TreeMap<>();
            Set<Integer> behind = new TreeSet<>();
            stores.forEach((number, store) -> {
                int partition = Integer.parseInt(number);
                long wanted = position(asked).getOrDefault(partition, -1L);
                if (store.store
                                .getPosition()
                                .getPartitionPositions(Topics.CHUNK)
                                .getOrDefault(0, -1L)
                        < wanted) {
                    behind.add(partition);
                } else {
                    answers.put(partition, local(store, query));
                }
            });
            return "200 " + wire.answers(query, new ShardAnswers<>(answers, copies, behind));
        });
    }

    private Map<Integer, Long> position(JsonNode question) {
        try {
            return wire.position(question);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static JsonNode read(String text) throws IOException {
        return JSON.readTree(text);
    }
}
