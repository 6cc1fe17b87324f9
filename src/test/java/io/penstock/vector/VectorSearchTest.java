package io.penstock.vector;

import static io.penstock.vector.Chunks.chunk;
import static io.penstock.vector.OpenStore.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import io.penstock.vector.ShardHits.Candidate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorSearchTest {
    @TempDir
    private Path folder;

    @Test
    void shouldFindTheNearestByCosineAndTheBestByWords() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("roses", chunk("roses", "Prune the roses in March.", 1, 0, 0))
                    .put("beans", chunk("beans", "Sow the beans in May.", 0.6f, 0.8f, 0))
                    .put("peas", chunk("peas", "Pick peas.", 0, 0, 1));
            open.store.all().close();

            ShardHits hits = open.search(SearchMode.HYBRID, "when to sow beans", ChunkFilter.NONE, 1, 0, 0);

            assertThat(hits.candidates()).extracting(Candidate::id).containsExactlyInAnyOrder("roses", "beans", "peas");
            Candidate roses = candidate(hits, "roses");
            Candidate beans = candidate(hits, "beans");
            assertThat(roses.cosine()).isCloseTo(1, within(1e-6));
            assertThat(beans.cosine()).isCloseTo(0.6, within(1e-6));
            assertThat(candidate(hits, "peas").cosine()).isCloseTo(0, within(1e-6));
            assertThat(beans.lexical()).isTrue();
            assertThat(beans.bm25()).isPositive();
            assertThat(roses.lexical()).isFalse();
            assertThat(roses.bm25()).isZero();
        }
    }

    private static Candidate candidate(ShardHits hits, String id) {
        return hits.candidates().stream()
                .filter(hit -> hit.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldGiveTheCosineOfWhatOnlyTheWordsFound() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", chunk("a", "Lilies grow tall.", 0.6f, -0.8f, 0)).put("b", chunk("b", "Else.", 1, 0, 0));
            open.store.all().close();

            assertThat(open.search(SearchMode.LEXICAL, "growing lilies", ChunkFilter.NONE, 1, 0, 0)
                            .candidates())
                    .singleElement()
                    .satisfies(hit -> {
                        assertThat(hit.id()).isEqualTo("a");
                        assertThat(hit.dense()).isFalse();
                        assertThat(hit.cosine()).isCloseTo(0.6, within(1e-6));
                    });
        }
    }

    @Test
    void shouldFindByLabelAndTitleToo() {
        try (OpenStore open = new OpenStore(folder)) {
            Chunk chunk = Chunk.newBuilder(chunk("x", "They bloom late.", 1, 0))
                    .setLabel("Chrysanthemums")
                    .setTitle("The autumn border")
                    .build();
            open.put("a", chunk);
            open.store.all().close();

            for (String q : List.of("chrysanthemum", "borders in autumn", "bloom")) {
                assertThat(open.search(SearchMode.LEXICAL, q, ChunkFilter.NONE, 1, 0)
                                .candidates())
                        .as(q)
                        .hasSize(1);
            }
            assertThat(open.search(SearchMode.LEXICAL, "the of ?!", ChunkFilter.NONE, 1, 0)
                            .candidates())
                    .isEmpty();
        }
    }

    @Test
    void shouldRestrictToWhatTheFilterNames() {
        Instant noon = Instant.parse("2026-11-20T12:00:00Z");
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", chunk("garden", "notes", "1", "Frost in the garden.", 1, 0.1f))
                    .put("b", chunk("garden", "books", "2", "Frost in a book.", 1, 0.2f))
                    .put("c", chunk("kitchen", "notes", "3", "Frost in the freezer.", 1, 0.3f))
                    .put(
                            "d",
                            Chunk.newBuilder(chunk("kitchen", "notes", "4", "Frost at the window.", 1, 0.4f))
                                    .setProcessor("web")
                                    .setRecordId("kitchen/notes/web/4")
                                    .setLabels(List.of("cold", "glass"))
                                    .setLanguage("de")
                                    .setCapturedAt(noon)
                                    .build());
            open.store.all().close();

            for (SearchMode mode : SearchMode.values()) {
                assertThat(found(open, mode, ChunkFilter.NONE)).containsExactlyInAnyOrder("a", "b", "c", "d");
                assertThat(found(open, mode, ChunkFilter.of("garden", null))).containsExactlyInAnyOrder("a", "b");
                assertThat(found(open, mode, ChunkFilter.of(null, "notes"))).containsExactlyInAnyOrder("a", "c", "d");
                assertThat(found(open, mode, ChunkFilter.of("garden", "notes"))).containsExactly("a");
                assertThat(found(open, mode, ChunkFilter.of("garden", "none"))).isEmpty();
                assertThat(found(open, mode, new ChunkFilter(null, null, null, "3", null, null, null, null, null)))
                        .containsExactly("c");
                assertThat(found(open, mode, filter("web", null, null, null, null, null)))
                        .containsExactly("d");
                assertThat(found(open, mode, filter(null, "garden/books/files/2", null, null, null, null)))
                        .containsExactly("b");
                assertThat(found(open, mode, filter(null, null, "glass", null, null, null)))
                        .containsExactly("d");
                assertThat(found(open, mode, filter(null, null, null, "de", null, null)))
                        .containsExactly("d");
                assertThat(found(open, mode, filter(null, null, null, null, noon, null)))
                        .containsExactly("d");
                assertThat(found(open, mode, filter(null, null, null, null, noon, noon.plusMillis(1))))
                        .containsExactly("d");
                assertThat(found(open, mode, filter(null, null, null, null, null, noon)))
                        .isEmpty();
            }
        }
    }

    private static ChunkFilter filter(
            @Nullable String processor,
            @Nullable String record,
            @Nullable String label,
            @Nullable String language,
            @Nullable Instant from,
            @Nullable Instant until) {
        return new ChunkFilter(null, null, processor, null, record, label, language, from, until);
    }

    private static List<String> found(OpenStore open, SearchMode mode, ChunkFilter filter) {
        return open.search(mode, "frost", filter, 1, 0).candidates().stream()
                .map(Candidate::id)
                .toList();
    }

    @Test
    void shouldKeepTheRecallWhenAFilterLeavesFewOfMany() {
        Random random = new Random(7);
        try (OpenStore open = new OpenStore(folder)) {
            for (int n = 0; n < 2_000; n++) {
                String topic = n % 100 == 0 ? "rare" : "common";
                open.put("k" + n, chunk(topic, "s", "i" + n, "Text " + n + ".", Chunks.random(random, 16)));
            }
            open.store.all().close();

            ShardHits hits = open.search(SearchMode.DENSE, "", ChunkFilter.of("rare", null), Chunks.random(random, 16));

            assertThat(hits.candidates()).hasSize(20);
        }
    }

    @Test
    void shouldFindTheNearestOfThoseThatAFilterLeavesHoweverManyTheyAre() {
        Random random = new Random(5);
        Map<String, float[]> vectors = new HashMap<>();
        try (OpenStore open = new OpenStore(folder)) {
            int often = FilteredVectors.FEW + 1_000;
            for (int n = 0; n < often * 5 / 4; n++) {
                float[] vector = Chunks.random(random, 8);
                vectors.put("k" + n, vector);
                open.put("k" + n, chunk(n % 5 == 0 ? "rare" : "common", "s", "i" + n, "Text.", vector));
            }
            open.store.all().close();
            for (String topic : List.of("rare", "common")) {
                int agreed = 0;
                for (int q = 0; q < 20; q++) {
                    float[] question = Chunks.random(random, 8);
                    List<String> exact = vectors.entrySet().stream()
                            .filter(entry -> topic.equals("rare")
                                    == (Integer.parseInt(entry.getKey().substring(1)) % 5 == 0))
                            .sorted((a, b) -> Double.compare(dot(b.getValue(), question), dot(a.getValue(), question)))
                            .limit(10)
                            .map(Map.Entry::getKey)
                            .toList();
                    agreed += (int) new HybridFusion(0.4, 100)
                                    .rank(
                                            SearchMode.DENSE,
                                            open.search(SearchMode.DENSE, "", ChunkFilter.of(topic, null), question)
                                                    .candidates())
                                    .stream()
                                    .limit(10)
                                    .filter(hit ->
                                            exact.contains(hit.candidate().id()))
                                    .count();
                }
                assertThat(agreed).as(topic).isGreaterThanOrEqualTo(194);
            }
        }
    }

    @Test
    void shouldNotAnswerWhenItTakesLongerThanTheCallerWaits() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", chunk("a", "Apples.", 1, 0));
            open.store.all().close();
            ChunkQuery request = request(SearchMode.HYBRID, "apples", ChunkFilter.NONE, 1, 0);
            ChunkQuery hurried = new ChunkQuery(
                    request.mode(),
                    request.vector(),
                    request.model(),
                    request.text(),
                    request.candidates(),
                    request.wanted(),
                    request.filter(),
                    request.corpus(),
                    Duration.ZERO);

            QueryResult<ShardHits> late = open.query(hurried, PositionBound.unbounded());

            assertThat(late.getFailureReason()).isEqualTo(FailureReason.STORE_EXCEPTION);
            assertThat(late.getFailureMessage()).contains("within 0 ms");
        }
    }

    @Test
    void shouldAgreeWithAnExactSearch() {
        Random random = new Random(11);
        Map<String, float[]> vectors = new HashMap<>();
        try (OpenStore open = new OpenStore(folder)) {
            for (int n = 0; n < 3_000; n++) {
                float[] vector = Chunks.random(random, 32);
                vectors.put("k" + n, vector);
                open.put("k" + n, chunk("i" + n, "Text.", vector));
            }
            open.store.all().close();
            int agreed = 0;
            for (int q = 0; q < 20; q++) {
                float[] vector = Chunks.random(random, 32);
                List<String> exact = vectors.entrySet().stream()
                        .sorted((a, b) -> Double.compare(dot(b.getValue(), vector), dot(a.getValue(), vector)))
                        .limit(10)
                        .map(Map.Entry::getKey)
                        .toList();
                List<String> best = new HybridFusion(0.4, 100)
                                .rank(
                                        SearchMode.DENSE,
                                        open.search(SearchMode.DENSE, "", ChunkFilter.NONE, vector)
                                                .candidates())
                                .stream()
                                .limit(10)
                                .map(hit -> hit.candidate().id())
                                .toList();
                agreed += (int) best.stream().filter(exact::contains).count();
            }
            assertThat(agreed).isGreaterThanOrEqualTo(194); // recall@10 of 0.97
        }
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @Test
    void shouldForgetWhatWasDeleted() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("a", chunk("a", "Apples.", 1, 0)).put("b", chunk("b", "Apples too.", 0, 1));
            open.delete("a");
            open.store.all().close();

            assertThat(open.search(SearchMode.HYBRID, "apples", ChunkFilter.NONE, 1, 0)
                            .candidates())
                    .extracting(Candidate::id)
                    .containsExactly("b");
        }
    }

    @Test
    void shouldFindWhatAnotherModelEmbeddedByItsWordsAloneAndSayHowMuchThatIs() {
        try (OpenStore open = new OpenStore(folder)) {
            open.put("new", chunk("new", "Apples in May.", 1, 0))
                    .put(
                            "old",
                            Chunk.newBuilder(chunk("old", "Apples in June.", 1, 0))
                                    .setModel("former")
                                    .build());
            open.store.all().close();

            ShardHits dense = open.search(SearchMode.DENSE, "apples", ChunkFilter.NONE, 1, 0);
            ShardHits hybrid = open.search(SearchMode.HYBRID, "apples", ChunkFilter.NONE, 1, 0);

            assertThat(dense.candidates()).extracting(Candidate::id).containsExactly("new");
            assertThat(hybrid.candidates()).extracting(Candidate::id).containsExactlyInAnyOrder("new", "old");
            assertThat(candidate(hybrid, "old").cosine()).isZero();
            assertThat(hybrid.ofOtherModels()).isEqualTo(1);

            open.delete("old");
            open.store.all().close();
            assertThat(open.search(SearchMode.HYBRID, "apples", ChunkFilter.NONE, 1, 0)
                            .ofOtherModels())
                    .isZero();
        }
    }

    @Test
    void shouldNotRefreshInAPlainSearch() {
        try (OpenStore open = new OpenStore(folder, OpenStore.LAZY, () -> OpenStore.NOW)) {
            Awaitility.await().until(() -> refreshedOnce(open));
            open.put("late", chunk("late", "Apples.", 1, 0));

            ShardHits hits = open.search(SearchMode.HYBRID, "apples", ChunkFilter.NONE, 1, 0);

            assertThat(hits.candidates()).extracting(Candidate::id).containsExactly("first");
            assertThat(hits.stale()).isFalse();
        }
    }

    /** The first change is shown at once; only the next one waits for the interval. */
    private static boolean refreshedOnce(OpenStore open) {
        if (open.store.approximateNumEntries() == 0) {
            open.put("first", chunk("first", "Pears.", 0, 1));
        }
        return !open.search(SearchMode.DENSE, "", ChunkFilter.NONE, 0, 1)
                .candidates()
                .isEmpty();
    }

    @Test
    void shouldShowChangesWithoutBeingAskedWhenTheIntervalHasPassed() {
        try (OpenStore open = new OpenStore(folder)) {
            for (String id : List.of("a", "b")) {
                open.put(id, chunk(id, "Apples.", 1, 0));
                Awaitility.await()
                        .atMost(Duration.ofSeconds(5))
                        .untilAsserted(() -> assertThat(found(open, SearchMode.DENSE, ChunkFilter.NONE))
                                .contains(id));
            }
        }
    }

    @Test
    void shouldWaitForItemsThatWereReportedAsIndexed() {
        try (OpenStore open = new OpenStore(folder, OpenStore.LAZY, () -> OpenStore.NOW)) {
            for (int n = 0; n < 20; n++) {
                open.put("k" + n, chunk("i" + n, "Apples.", 1, n));
                open.activity.itemCompleted(open.context.taskId());

                ShardHits hits = open.search(SearchMode.DENSE, "", ChunkFilter.NONE, 1, n);

                assertThat(hits.candidates()).hasSize(n + 1);
                assertThat(hits.stale()).isFalse();
            }
        }
    }

    @Test
    void shouldAnswerFromABoundOnwardsOrSayThatItCannot() {
        try (OpenStore open = new OpenStore(folder, OpenStore.LAZY, () -> OpenStore.NOW)) {
            open.put("a", chunk("a", "Apples.", 1, 0)).put("b", chunk("b", "Pears.", 1, 1));
            ChunkQuery query = request(SearchMode.DENSE, "", ChunkFilter.NONE, 1, 0);

            QueryResult<ShardHits> reached = open.query(query, bound(1));
            QueryResult<ShardHits> beyond = open.query(query, bound(2));

            assertThat(reached.getResult().candidates()).hasSize(2);
            assertThat(reached.getPosition()).isEqualTo(bound(1).position());
            assertThat(beyond.isFailure()).isTrue();
            assertThat(beyond.getFailureReason()).isEqualTo(FailureReason.NOT_UP_TO_BOUND);
        }
    }

    private static PositionBound bound(long offset) {
        return PositionBound.at(Position.emptyPosition().withComponent(Topics.CHUNK, 0, offset));
    }

    @Test
    void shouldMoveItsPositionWithACommitSoThatAStandbyDoes() {
        try (OpenStore open = new OpenStore(folder)) {
            assertThat(open.store.getPosition().isEmpty()).isTrue();
            open.store.commit(Map.of(OpenStore.PARTITION, 41L));

            assertThat(open.store.getPosition()).isEqualTo(bound(41).position());
            assertThat(open.query(request(SearchMode.DENSE, "", ChunkFilter.NONE, 1, 0), bound(41))
                            .isSuccess())
                    .isTrue();
        }
    }

    @Test
    void shouldAnswerTheQueriesOfAnyKeyValueStore() {
        try (OpenStore open = new OpenStore(folder)) {
            Chunk apples = chunk("a", "Apples.", 1, 0);
            open.put("a", apples).put("b", apples).put("c", apples);

            QueryResult<byte[]> present =
                    open.query(KeyQuery.<Bytes, byte[]>withKey(Chunks.key("a")), PositionBound.unbounded());
            QueryResult<byte[]> absent =
                    open.query(KeyQuery.<Bytes, byte[]>withKey(Chunks.key("x")), PositionBound.unbounded());

            assertThat(Chunks.CODEC.decode(present.getResult())).isEqualTo(apples);
            assertThat(absent.isSuccess()).isTrue();
            assertThat(absent.getResult()).isNull();
            assertThat(OpenStore.keys(open.query(
                                    RangeQuery.<Bytes, byte[]>withLowerBound(Chunks.key("b"))
                                            .withDescendingKeys(),
                                    PositionBound.unbounded())
                            .getResult()))
                    .containsExactly("c", "b");
            assertThat(open.query(new UnknownQuery(), PositionBound.unbounded()).getFailureReason())
                    .isEqualTo(FailureReason.UNKNOWN_QUERY_TYPE);
        }
    }

    private record UnknownQuery() implements Query<String> {}

    @Test
    void shouldSayThatItIsNotPresentWhenClosed() {
        OpenStore open = new OpenStore(folder);
        open.close();

        assertThat(open.query(request(SearchMode.DENSE, "", ChunkFilter.NONE, 1, 0), PositionBound.unbounded())
                        .getFailureReason())
                .isEqualTo(FailureReason.NOT_PRESENT);
    }

    @Test
    void shouldAnswerRightlyWhileChunksArrive() throws Exception {
        Random random = new Random(3);
        try (OpenStore open = new OpenStore(folder)) {
            open.put("fixed", chunk("fixed", "Zinnia.", 1, 0, 0, 0, 0, 0, 0, 0));
            open.store.all().close();
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<List<String>> searches = CompletableFuture.supplyAsync(() -> {
                List<String> wrong = new ArrayList<>();
                while (!done.get()) {
                    ShardHits hits = open.search(SearchMode.HYBRID, "zinnia", ChunkFilter.NONE, 1, 0, 0, 0, 0, 0, 0, 0);
                    Candidate best = new HybridFusion(0.4, 100)
                            .rank(SearchMode.HYBRID, hits.candidates())
                            .getFirst()
                            .candidate();
                    if (!best.id().equals("fixed") || !open.has("fixed")) {
                        wrong.add(best.id());
                    }
                }
                return wrong;
            });
            for (int n = 0; n < 3_000; n++) {
                open.put("k" + n % 1_000, chunk("i" + n, "Text " + n + ".", Chunks.random(random, 8)));
                if (n % 500 == 0) {
                    open.commit();
                }
            }
            done.set(true);

            assertThat(searches.get()).isEmpty();
            assertThat(OpenStore.keys(open.store.all())).hasSize(1_001);
        }
    }
}
