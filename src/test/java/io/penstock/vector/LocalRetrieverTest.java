package io.penstock.vector;

import static io.penstock.vector.Chunks.chunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.penstock.embedding.Embedder;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRetrieverTest {
    @TempDir
    private Path first;

    @TempDir
    private Path second;

    @Test
    void shouldMergeTheShardsByFusedScore() throws Exception {
        try (OpenStore one = new OpenStore(first);
                OpenStore two = new OpenStore(second)) {
            one.put("roses", chunk("roses", "Prune the roses in March.", 1, 0, 0));
            two.put("beans", chunk("beans", "Sow the beans in May.", 0.6f, 0.8f, 0))
                    .put("peas", chunk("peas", "Pick the peas.", 0, 0, 1));

            SearchResult result = retriever(2, one, two).search(request("sow beans", SearchMode.HYBRID, 2));

            assertThat(result.asked()).isEqualTo(2);
            assertThat(result.answered()).isEqualTo(2);
            assertThat(result.stale()).isZero();
            assertThat(result.hits()).extracting(SearchHit::id).containsExactly("beans", "roses");
            SearchHit best = result.hits().getFirst();
            assertThat(best.score()).isCloseTo(0.4 * 0.6 + 0.6, within(1e-6));
            assertThat(best.cosine()).isCloseTo(0.6, within(1e-6));
            assertThat(best.item()).isEqualTo("beans");
            assertThat(best.text()).isEqualTo("Sow the beans in May.");
            assertThat(best.end()).isEqualTo(best.text().length());
        }
    }

    @Test
    void shouldScoreWordsAsOneIndexWouldHoweverTheyAreSpreadOverShards(@TempDir Path whole) throws Exception {
        try (OpenStore one = new OpenStore(first);
                OpenStore two = new OpenStore(second);
                OpenStore all = new OpenStore(whole)) {
            for (int n = 0; n < 30; n++) {
                String text = "Frost " + "harms beans ".repeat(1 + n % 3) + (n < 20 ? "in spring." : "again.");
                (n < 20 ? one : two).put("k" + n, chunk("i", text, 1, n));
                all.put("k" + n, chunk("i", text, 1, n));
            }
            SearchRequest request = request("frost in spring again", SearchMode.LEXICAL, 30);

            List<SearchHit> spread = retriever(2, one, two).search(request).hits();
            List<SearchHit> together = retriever(1, all).search(request).hits();

            assertThat(spread).hasSize(30);
            assertThat(spread).isEqualTo(together);
        }
    }

    @Test
    void shouldCountWordsAnewWhenTheViewOfAShardHasChanged() throws Exception {
        try (OpenStore one = new OpenStore(first)) {
            one.put("k0", chunk("i", "Frost harms beans.", 1, 0, 0));
            SearchRequest request = request("frost beans", SearchMode.LEXICAL, 10);
            Retriever retriever = retriever(1, one);
            double alone = retriever.search(request).hits().getFirst().score();

            one.put("k1", chunk("i", "Peas.", 1, 0, 0)).put("k2", chunk("i", "Frost.", 1, 0, 0));
            one.store.all().close(); // makes what was put visible
            List<SearchHit> hits = retriever.search(request).hits();

            assertThat(hits).extracting(SearchHit::id).containsExactly("k0", "k2");
            assertThat(hits.getFirst().score()).isGreaterThan(1.5 * alone); // beans are rarer now
        }
    }

    @Test
    void shouldGiveTheNextHitsForThoseThatMayNotBeShown() throws Exception {
        try (OpenStore one = new OpenStore(first);
                OpenStore two = new OpenStore(second)) {
            for (int n = 0; n < 20; n++) {
                (n % 2 == 0 ? one : two)
                        .put("k" + (10 + n), chunk(n < 7 ? "old" : "new", "Frost.", 1 - n / 100f, n / 100f, 0));
            }
            for (SearchMode mode : List.of(SearchMode.DENSE, SearchMode.HYBRID)) {
                SearchResult result = retriever(chunk -> !chunk.getItem().equals("old"), one, two)
                        .search(request("frost", mode, 4));

                assertThat(result.hits()).extracting(SearchHit::id).containsExactly("k17", "k18", "k19", "k20");
                assertThat(result.answered()).isEqualTo(2);
            }
        }
    }

    @Test
    void shouldFilterByTopicAndSegment() throws Exception {
        try (OpenStore one = new OpenStore(first)) {
            one.put("a", chunk("garden", "notes", "a", "Frost.", 1, 0, 0))
                    .put("b", chunk("kitchen", "notes", "b", "Frost.", 1, 0, 0));

            SearchResult result =
                    retriever(4, one).search(new SearchRequest("frost", "kitchen", "notes", 5, SearchMode.HYBRID));

            assertThat(result.hits()).extracting(SearchHit::id).containsExactly("b");
            assertThat(result.asked()).isEqualTo(4);
            assertThat(result.answered()).isEqualTo(1);
        }
    }

    @Test
    void shouldWaitUntilTheIndexHasReachedWhatIsAskedFor() throws Exception {
        try (OpenStore one = new OpenStore(first);
                OpenStore two = new OpenStore(second)) {
            one.put("roses", chunk("roses", "Prune the roses in March.", 1, 0, 0));
            two.put("beans", chunk("beans", "Sow the beans in May.", 0.6f, 0.8f, 0));
            Retriever retriever = retriever(2, one, two);
            SearchRequest request =
                    request("sow beans", SearchMode.HYBRID, 5).reaching(Map.of(1, 1L), Duration.ofSeconds(20));
            CompletableFuture<SearchResult> search = CompletableFuture.supplyAsync(() -> {
                try {
                    return retriever.search(request);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> search.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

            two.put("peas", chunk("peas", "Pick the peas.", 0, 0, 1));

            assertThat(search.get(20, TimeUnit.SECONDS).hits())
                    .extracting(SearchHit::id)
                    .containsExactlyInAnyOrder("beans", "roses", "peas");
        }
    }

    @Test
    void shouldSayThatItIsNotReadyWhenTheIndexDoesNotReachWhatIsAskedForInTime() {
        try (OpenStore one = new OpenStore(first)) {
            one.put("roses", chunk("roses", "Prune the roses in March.", 1, 0, 0));
            for (Map<Integer, Long> position : List.of(Map.of(0, 1L), Map.of(3, 0L))) {
                SearchRequest request =
                        request("roses", SearchMode.HYBRID, 5).reaching(position, Duration.ofMillis(20));
                assertThatThrownBy(() -> retriever(4, one).search(request))
                        .isInstanceOfSatisfying(PenstockException.class, e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY);
                            assertThat(e.detail()).contains(position.keySet().toString());
                        });
            }
        }
    }

    @Test
    void shouldAskAgainLessAndLessOftenAndOnlyTheShardsThatAreBehind() {
        try (OpenStore one = new OpenStore(first);
                OpenStore two = new OpenStore(second)) {
            one.put("roses", chunk("roses", "Prune the roses in March.", 1, 0, 0));
            two.put("beans", chunk("beans", "Sow the beans in May.", 0.6f, 0.8f, 0));
            one.store.all().close(); // makes what was put visible
            two.store.all().close();
            StoreShards stores = new StoreShards(List.of(one, two));
            List<Set<Integer>> asked = new ArrayList<>();
            Retriever retriever =
                    new LocalRetriever(new FixedEmbedder(), () -> new Listening(stores, asked), 2, _ -> true);
            SearchRequest request =
                    request("sow beans", SearchMode.DENSE, 5).reaching(Map.of(0, 0L, 1, 1L), Duration.ofSeconds(1));

            assertThatThrownBy(() -> retriever.search(request)).isInstanceOf(PenstockException.class);

            assertThat(asked).hasSizeBetween(2, 7).startsWith(Set.of(0, 1));
            assertThat(asked.subList(1, asked.size())).containsOnly(Set.of(1));
        }
    }

    @Test
    void shouldSayThatTheShardIsUnavailableWhenTheIndexDoesNotRun() {
        unavailable(new LocalRetriever(Optional::empty, new FixedEmbedder(), 4, _ -> true));
    }

    @Test
    void shouldSayThatTheShardIsUnavailableWhenTheIndexHasNotStarted() {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        config.put(StreamsConfig.STATE_DIR_CONFIG, first.toString());
        VectorIndexTopology topology =
                new VectorIndexTopology(Chunks.SERDES, () -> OpenStore.NOW, VectorIndexSettings.forModel(Chunks.MODEL));
        try (KafkaStreams streams = new KafkaStreams(topology.build(), config)) {
            unavailable(new LocalRetriever(() -> Optional.of(streams), new FixedEmbedder(), 4, _ -> true));
        }
    }

    @Test
    void shouldRefuseARequestThatMakesNoSense() {
        for (int k : new int[] {0, -1, 101}) {
            assertThatThrownBy(() -> request("frost", SearchMode.DENSE, k)).isInstanceOf(PenstockException.class);
        }
        assertThatThrownBy(() -> request("  ", SearchMode.DENSE, 5)).isInstanceOf(PenstockException.class);
    }

    private static void unavailable(Retriever retriever) {
        assertThatThrownBy(() -> retriever.search(request("frost", SearchMode.HYBRID, 5)))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SHARD_UNAVAILABLE));
    }

    private static SearchRequest request(String q, SearchMode mode, int k) {
        return new SearchRequest(q, null, null, k, mode);
    }

    private static LocalRetriever retriever(int partitions, OpenStore... stores) {
        return retriever(partitions, _ -> true, stores);
    }

    private static LocalRetriever retriever(Predicate<Chunk> shown, OpenStore... stores) {
        return retriever(stores.length, shown, stores);
    }

    private static LocalRetriever retriever(int partitions, Predicate<Chunk> shown, OpenStore... stores) {
        for (OpenStore store : stores) {
            store.store.all().close(); // makes what was put visible
        }
        return new LocalRetriever(new FixedEmbedder(), new StoreShards(List.of(stores)), partitions, shown);
    }

    /** Notes which partitions are asked. */
    private record Listening(StoreShards stores, List<Set<Integer>> asked) implements Shards.Session {
        @Override
        public Set<Integer> all() {
            return stores.all();
        }

        @Override
        public <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted) {
            asked.add(Set.copyOf(wanted));
            return stores.ask(query, position, wanted);
        }
    }

    /** Every question lies on the first axis. */
    private static final class FixedEmbedder implements Embedder {
        @Override
        public float[] embed(String text) {
            return text.contains("spring") ? new float[] {1, 0} : new float[] {1, 0, 0};
        }

        @Override
        public int dimension() {
            return 3;
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
