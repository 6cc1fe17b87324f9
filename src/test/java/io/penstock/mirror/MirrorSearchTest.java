package io.penstock.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedding.Embedder;
import io.penstock.mirror.PineconeServer.Mood;
import io.penstock.vector.ChunkFilter;
import io.penstock.vector.Fusion;
import io.penstock.vector.Retriever;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchMode;
import io.penstock.vector.SearchRequest;
import io.penstock.vector.SearchResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MirrorSearchTest {
    private static final String QUAY = "harbour/notices/p/n-17";
    private static final String TIDE = "harbour/tides/p/t-1";
    private static final String RATE = "economy/statements/p/1";

    private final PineconeServer server = new PineconeServer();
    private final PineconeSettings settings =
            new PineconeSettings(PineconeServer.KEY, "records", server.host(), "aws", "us-east-1");
    private final PineconeTarget target = new PineconeTarget(settings, Samples.DIMENSION);
    private final PineconeRetriever pinecone = new PineconeRetriever(
            new PineconeIndex(settings, Samples.DIMENSION),
            new FixedEmbedder(),
            () -> List.of("economy", "harbour", "empty"),
            chunk -> !chunk.getItem().equals("hidden"));
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-20T12:00:00Z"));
    private final Retriever local = request -> new SearchResult(
            List.of(hit(Samples.chunkId(QUAY, 0), request.mode() == SearchMode.DENSE ? 0.9 : 0.7, 0.9, "local")),
            4,
            4,
            0);

    /** Every question points the same way. */
    private static final class FixedEmbedder implements Embedder {
        @Override
        public float[] embed(String text) {
            return new float[] {1, 0, 0, 0};
        }

        @Override
        public int dimension() {
            return Samples.DIMENSION;
        }

        @Override
        public String fingerprint() {
            return "model";
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

    private static SearchHit hit(String id, double score, double cosine, String text) {
        return new SearchHit(id, score, "harbour", "notices", "p", "n-17", "", "", text, 0, text.length(), cosine);
    }

    @BeforeEach
    void fill() {
        target.open();
        target.batches(List.of(
                        Samples.chunk(QUAY, 0, "The quay is closed.", 0.9f, 0.1f, 0, 0),
                        Samples.chunk(TIDE, 0, "High water at noon.", 0.8f, 0.6f, 0, 0),
                        Samples.chunk("harbour/notices/p/hidden", 0, "Secret.", 1, 0, 0, 0),
                        Samples.chunk(RATE, 0, "Rates are unchanged.", 0, 1, 0, 0)))
                .forEach(target::apply);
    }

    @AfterEach
    void close() {
        pinecone.close();
        target.close();
        server.close();
    }

    private MirrorSearch search(SearchSource source) {
        return new MirrorSearch(local, pinecone, source, now::get);
    }

    private static SearchRequest request(SearchMode mode) {
        return new SearchRequest("question", null, null, 10, mode);
    }

    @Test
    void shouldRankWhatPineconeHoldsByTheCosine() throws InterruptedException {
        SearchResult result = search(SearchSource.PINECONE).search(request(SearchMode.HYBRID));

        assertThat(result.hits())
                .extracting(SearchHit::id)
                .containsExactly(Samples.chunkId(QUAY, 0), Samples.chunkId(TIDE, 0), Samples.chunkId(RATE, 0));
        assertThat(result.hits().getFirst()).satisfies(hit -> {
            assertThat(hit.text()).isEqualTo("The quay is closed.");
            assertThat(hit.start()).isEqualTo(3);
            assertThat(hit.end()).isEqualTo(3 + hit.text().length());
            assertThat(hit.uri()).isEqualTo("file:n-17");
            assertThat(hit.cosine()).isGreaterThan(0.99);
        });
        assertThat(result.asked()).isEqualTo(1);
    }

    @Test
    void shouldLookOnlyWhereItIsToldTo() throws InterruptedException {
        assertThat(pinecone.search(new SearchRequest("q", "harbour", "tides", 10, SearchMode.DENSE))
                        .hits())
                .extracting(SearchHit::item)
                .containsExactly("t-1");
        assertThat(pinecone.search(new SearchRequest("q", "empty", null, 10, SearchMode.DENSE))
                        .hits())
                .isEmpty();
        assertThat(pinecone.search(new SearchRequest("q", null, null, 1, SearchMode.DENSE))
                        .hits())
                .hasSize(1);
    }

    @Test
    void shouldFilterAsTheLocalIndexDoes() throws InterruptedException {
        ChunkFilter none = ChunkFilter.NONE;
        assertThat(found(new ChunkFilter(null, null, "p", "t-1", TIDE, "rates", "en", Samples.NOON, null)))
                .containsExactly("t-1");
        assertThat(found(none)).hasSize(3);
        assertThat(found(new ChunkFilter(null, null, null, null, null, "other", null, null, null)))
                .isEmpty();
        assertThat(found(new ChunkFilter(null, null, null, null, null, null, null, null, Samples.NOON)))
                .isEmpty();
        assertThat(found(new ChunkFilter(null, null, null, null, null, null, null, Samples.NOON.plusMillis(1), null)))
                .isEmpty();
    }

    private List<String> found(ChunkFilter filter) throws InterruptedException {
        return pinecone
                .search(new SearchRequest("q", filter, 10, SearchMode.DENSE, Fusion.WEIGHTED, Map.of(), Duration.ZERO))
                .hits()
                .stream()
                .map(SearchHit::item)
                .toList();
    }

    @Test
    void shouldAskTheLocalIndexForWhatWasJustIngested() throws InterruptedException {
        SearchRequest request = request(SearchMode.DENSE).reaching(Map.of(0, 17L), Duration.ofSeconds(1));

        assertThat(search(SearchSource.PINECONE).search(request).hits())
                .extracting(SearchHit::text)
                .containsExactly("local");
        assertThat(search(SearchSource.MERGED).search(request).hits()).hasSize(3);
    }

    @Test
    void shouldMergeBothAndPreferTheLocalPassage() throws InterruptedException {
        SearchResult dense = search(SearchSource.MERGED).search(request(SearchMode.DENSE));
        assertThat(dense.hits())
                .extracting(SearchHit::text)
                .containsExactly("local", "High water at noon.", "Rates are unchanged.");
        assertThat(dense.asked()).isEqualTo(5);
        assertThat(dense.answered()).isEqualTo(5);

        SearchResult hybrid = search(SearchSource.MERGED).search(request(SearchMode.HYBRID));
        assertThat(hybrid.hits())
                .extracting(SearchHit::text)
                .containsExactly("local", "High water at noon.", "Rates are unchanged.");
        assertThat(hybrid.hits()).extracting(SearchHit::score).allMatch(score -> score >= 0 && score <= 1);
    }

    @Test
    void shouldAskTheLocalIndexForWords() throws InterruptedException {
        assertThat(search(SearchSource.PINECONE)
                        .search(request(SearchMode.LEXICAL))
                        .hits())
                .extracting(SearchHit::text)
                .containsExactly("local");
    }

    @Test
    void shouldAnswerWholeWithoutPinecone() throws InterruptedException {
        for (SearchSource source : List.of(SearchSource.PINECONE, SearchSource.MERGED)) {
            now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
            MirrorSearch search = search(source);
            server.feel(Mood.UNAVAILABLE);
            SearchResult result = search.search(request(SearchMode.DENSE));
            assertThat(result.hits()).extracting(SearchHit::text).containsExactly("local");
            assertThat(result.asked()).isEqualTo(4);
            assertThat(result.answered()).as("the copy is not missed").isEqualTo(4);

            server.feel(Mood.WELL);
            SearchResult next = search.search(request(SearchMode.DENSE));
            assertThat(next.asked()).as("it is left alone for a while").isEqualTo(4);
            now.updateAndGet(time -> time.plus(Duration.ofSeconds(6)));
            SearchResult again = search.search(request(SearchMode.DENSE));
            assertThat(again.asked()).isEqualTo(source == SearchSource.MERGED ? 5 : 1);
            assertThat(again.answered()).isEqualTo(again.asked());
        }
    }

    @Test
    void shouldNotWaitForPineconeForLong() throws InterruptedException {
        MirrorSearch search = search(SearchSource.MERGED);
        search.search(request(SearchMode.DENSE));
        server.feel(Mood.SILENT);

        long begin = System.nanoTime();
        SearchResult result = search.search(request(SearchMode.DENSE));

        assertThat(result.answered()).isEqualTo(4);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
    }
}
