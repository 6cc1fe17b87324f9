package io.penstock.vector;

import static io.penstock.vector.Chunks.chunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cluster.LoopbackPeers;
import io.penstock.cluster.PeerServer;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
                    new ChunkFilter("garden", "notes", null, null, null, "en", null, Instant.now()),
                    CorpusStatistics.EMPTY);
            assertThat(shards(2).ask(query)).containsExactlyInAnyOrder(local(one, query), local(two, query));

            CorpusQuery corpus = new CorpusQuery("sow in May");
            assertThat(shards(2).ask(corpus)).containsExactlyInAnyOrder(local(one, corpus), local(two, corpus));

            ChunkLookup lookup = ChunkLookup.of(List.of("roses", "beans", "nothing"));
            assertThat(shards(2).ask(lookup)).containsExactlyInAnyOrder(local(one, lookup), local(two, lookup));
        }
    }

    @Test
    void shouldCountAPartitionOnceWhoeverHasIt() {
        try (PeerServer first = server(Map.of("0", one, "1", two));
                PeerServer second = server(Map.of("1", two))) {
            peers.become(first.peer("first", "vector-index"), second.peer("second", "vector-index"));

            assertThat(shards(4).ask(new CorpusQuery("sow"))).hasSize(2);
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

            assertThat(shards(4).ask(new CorpusQuery("sow"))).hasSize(1);
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
        SearchRequest request = new SearchRequest("sow", null, "notes", 5, SearchMode.LEXICAL);
        try (PeerServer broken = new PeerServer((path, question) -> "503 {\"detail\":\"It is stopping.\"}");
                PeerServer able = new PeerServer((path, question) -> {
                    assertThat(path).isEqualTo(IndexAnswers.SEARCH);
                    assertThat(wire.readRequest(read(question))).isEqualTo(request);
                    return "200 " + wire.result(result);
                })) {
            peers.become(broken.peer("broken", "vector-index"), able.peer("able", "vector-index"));
            Retriever retriever = new RemoteRetriever(peers, Chunks.SERDES);

            for (int turn = 0; turn < 4; turn++) {
                assertThat(retriever.search(request)).isEqualTo(result);
            }
        }
    }

    private static void unavailable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SHARD_UNAVAILABLE));
    }

    private ClusterShards shards(int partitions) {
        return new ClusterShards(new StreamsShards(Optional::empty), peers, wire, partitions);
    }

    private static <R> R local(OpenStore store, IndexQuery<R> query) {
        return store.query(query, PositionBound.unbounded()).getResult();
    }

    private PeerServer server(Map<String, OpenStore> stores) {
        return new PeerServer((path, question) -> {
            assertThat(path).isEqualTo(IndexAnswers.QUERY);
            IndexQuery<?> query = wire.query(read(question));
            ObjectNode answer = JSON.createObjectNode();
            ObjectNode shards = answer.putObject("shards");
            stores.forEach((partition, store) -> shards.set(partition, wire.answer(query, result(store, query))));
            return "200 " + answer;
        });
    }

    private static <R> Object result(OpenStore store, IndexQuery<R> query) {
        return local(store, query);
    }

    private static JsonNode read(String text) throws IOException {
        return JSON.readTree(text);
    }
}
