package io.penstock.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import io.penstock.embedding.Embedder;
import io.penstock.schema.Chunk;
import io.penstock.vector.BareLucene;
import io.penstock.vector.Retriever;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchMode;
import io.penstock.vector.SearchRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.lucene.index.IndexReader;
import org.jspecify.annotations.Nullable;

/**
 * The index of so many chunks, in this process: built and searched, at rest and while more chunks arrive, in turns with bare Lucene
 * over the same index and with LangChain4j's store in memory.
 */
final class IndexContest implements AutoCloseable {
    private static final int CANDIDATES = 100;
    private static final int K = 10;
    private static final int ROUNDS_OF_SMALL = 3;
    private static final int SMALL = 20_000;
    private static final int SLOW_QUESTIONS = 20;
    private static final int MEASURED_ROUNDS = 5;
    private static final int QUIET_LOOKS = 6;
    private static final Duration REST_PATIENCE = Duration.ofMinutes(5);

    private final Path folder;
    private final MixedChunks chunks;
    private final int size;
    private final int perSecond;
    private final Duration loadedFor;
    private final PrintStream out;
    private final ObjectNode figures = JsonNodeFactory.instance.objectNode();
    private final Table table;
    private @Nullable MeasuredProcess broker;
    private @Nullable IndexRig rig;
    private BareLucene.@Nullable Writers bare;

    /**
     * @param perSecond chunks that arrive each second while it is searched under load
     * @param loadedFor how long each side is searched under load
     */
    IndexContest(Path folder, MixedChunks chunks, int size, int perSecond, Duration loadedFor, PrintStream out) {
        this.folder = folder;
        this.chunks = chunks;
        this.size = size;
        this.perSecond = perSecond;
        this.loadedFor = loadedFor;
        this.out = out;
        this.table = new Table(size + " chunks", "Penstock", "bare Lucene", "ratio", "LangChain4j");
    }

    /** Measures everything and prints it; the figures are by their names. */
    ObjectNode run() throws Exception {
        build();
        awaitRest();
        float[][] vectors = new float[size][];
        for (int number = 0; number < size; number++) {
            vectors[number] = chunks.vector(number);
        }
        Retriever retriever = rig().retriever(new KnownQuestions(chunks));
        recall(retriever, vectors);
        try (IndexReader reader = BareLucene.open(rig().state(), IndexRig.PARTITIONS)) {
            atRest(retriever, reader, vectors);
        }
        loaded(retriever);
        table.print(out);
        out.println();
        return figures;
    }

    private void build() throws Exception {
        int rounds = size <= SMALL ? ROUNDS_OF_SMALL : 1;
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            if (round % 2 == 1) {
                theirs.add(buildBare(round));
                ours.add(buildOurs(round));
            } else {
                ours.add(buildOurs(round));
                theirs.add(buildBare(round));
            }
            out.printf(
                    Locale.ROOT,
                    "%d chunks, build %d of %d: %.0f chunks/s, bare Lucene %.0f%n",
                    size,
                    round,
                    rounds,
                    ours.getLast(),
                    theirs.getLast());
        }
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            ratios.add(ours.get(i) / theirs.get(i));
        }
        double ratio = Samples.of(ratios).median();
        figures.put("index_ratio", Numbers.rounded(ratio))
                .put("index_per_s", Math.round(Samples.of(ours).median()))
                .put("bare_index_per_s", Math.round(Samples.of(theirs).median()));
        row(
                "chunks indexed a second",
                Samples.of(ours).median(),
                Samples.of(theirs).median(),
                "%.0f",
                "");
    }

    private double buildOurs(int round) throws Exception {
        closeOurs();
        Path own = Files.createDirectories(folder.resolve("ours-" + round));
        broker = MeasuredProcess.program(
                BrokerProgram.class,
                own.resolve("broker.log"),
                own.resolve("kafka").toString());
        rig = new IndexRig(own.resolve("streams"), broker.answer(), chunks.model());
        for (int number = 0; number < size; number++) {
            rig.sender().send(chunks, number);
        }
        rig.sender().flush();
        awaitRest();
        return rig.build(size);
    }

    private double buildBare(int round) throws IOException, InterruptedException {
        closeBare();
        BareLucene.Writers writers = new BareLucene.Writers(folder.resolve("bare-" + round), IndexRig.PARTITIONS);
        bare = writers;
        awaitRest();
        long nanos = 0;
        for (int number = 0; number < size; number++) {
            Chunk chunk = chunks.chunk(number); // making it is not Lucene's work
            long begin = System.nanoTime();
            writers.put(number % IndexRig.PARTITIONS, chunks.id(number), chunk);
            nanos += System.nanoTime() - begin;
        }
        double rate = size / (nanos / 1e9);
        writers.commit();
        writers.refresh();
        return rate;
    }

    /** Merges go on after the last chunk was applied, and some begin only when no more has come for a while. */
    private static void awaitRest() throws InterruptedException {
        long deadline = System.nanoTime() + REST_PATIENCE.toNanos();
        Duration before = cpu();
        int quiet = 0;
        while (System.nanoTime() < deadline) {
            Thread.sleep(500);
            Duration now = cpu();
            quiet = now.minus(before).toMillis() < 50 ? quiet + 1 : 0;
            if (quiet == QUIET_LOOKS) {
                return;
            }
            before = now;
        }
        throw new IllegalStateException("this process did not come to rest in " + REST_PATIENCE);
    }

    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }

    private void recall(Retriever retriever, float[][] vectors) throws Exception {
        // Everything is visible a moment after it was applied.
        double found = 0;
        double foundRare = 0;
        int wanted = 0;
        int wantedRare = 0;
        for (int question = 0; question < chunks.questions().size(); question++) {
            float[] vector = chunks.questionVectors().get(question);
            List<Integer> exact = chunks.nearest(vectors, vector, K, false);
            found += common(
                    exact,
                    retriever.search(request(question, null, SearchMode.DENSE)).hits());
            wanted += exact.size();
            List<Integer> exactRare = chunks.nearest(vectors, vector, K, true);
            foundRare += common(
                    exactRare,
                    retriever
                            .search(request(question, MixedChunks.RARE, SearchMode.DENSE))
                            .hits());
            wantedRare += exactRare.size();
        }
        figures.put("recall_10", Numbers.rounded(found / wanted))
                .put("recall_10_filtered", Numbers.rounded(foundRare / wantedRare));
        table.row("recall@10 against exact", number(found / wanted, "%.4f"), "", "", "");
        table.row(
                "the same in a segment of one in " + MixedChunks.RARE_EVERY,
                number(foundRare / wantedRare, "%.4f"),
                "",
                "",
                "");
    }

    private static int common(List<Integer> exact, List<SearchHit> hits) {
        return (int) hits.stream()
                .filter(hit -> exact.contains(Integer.valueOf(hit.item())))
                .count();
    }

    private SearchRequest request(int question, @Nullable String segment, SearchMode mode) {
        return new SearchRequest(chunks.questions().get(question), null, segment, K, mode);
    }

    /** A search of one side; the number is that of the question. */
    private interface Search {
        int hits(int question) throws Exception;
    }

    private void atRest(Retriever retriever, IndexReader reader, float[][] vectors) throws Exception {
        Search dense = question -> retriever
                .search(request(question, null, SearchMode.DENSE))
                .hits()
                .size();
        Search hybrid = question -> retriever
                .search(request(question, null, SearchMode.HYBRID))
                .hits()
                .size();
        Search bareDense = question -> BareLucene.dense(
                        reader, chunks.questionVectors().get(question), chunks.model(), CANDIDATES, K)
                .size();
        Search bareBoth = question -> bareDense.hits(question)
                + BareLucene.lexical(reader, chunks.questions().get(question), CANDIDATES, K)
                        .size();
        List<List<Double>> taken = interleaved(chunks.questions().size(), dense, bareDense, hybrid, bareBoth);
        double inMemory = inMemory(vectors);
        Samples ours = Samples.of(taken.get(0));
        Samples theirs = Samples.of(taken.get(1));
        Samples oursHybrid = Samples.of(taken.get(2));
        Samples theirsHybrid = Samples.of(taken.get(3));
        figures.put("p50_ratio", Numbers.rounded(ours.median() / theirs.median()))
                .put("p50_ms", Numbers.rounded(ours.median()))
                .put("bare_p50_ms", Numbers.rounded(theirs.median()))
                .put("p99_ms", Numbers.rounded(ours.percentile(99)))
                .put("hybrid_p50_ratio", Numbers.rounded(oursHybrid.median() / theirsHybrid.median()))
                .put("hybrid_p50_ms", Numbers.rounded(oursHybrid.median()))
                .put("langchain4j_p50_ms", Numbers.rounded(inMemory))
                .put("langchain4j_p50_ratio", Numbers.rounded(ours.median() / inMemory));
        row("dense p50, ms", ours.median(), theirs.median(), "%.3f", number(inMemory, "%.3f"));
        row("dense p99, ms", ours.percentile(99), theirs.percentile(99), "%.3f", "");
        row("hybrid p50, ms", oursHybrid.median(), theirsHybrid.median(), "%.3f", "");
    }

    /** Milliseconds of each search, once they are warm. */
    private static List<List<Double>> interleaved(int questions, Search... searches) throws Exception {
        WarmUp.untilRest(WarmUp::here, () -> round(questions, searches, new ArrayList<>()));
        List<List<Double>> taken = new ArrayList<>();
        for (int round = 0; round < MEASURED_ROUNDS; round++) {
            round(questions, searches, taken);
        }
        return taken;
    }

    private static void round(int questions, Search[] searches, List<List<Double>> taken) throws Exception {
        while (taken.size() < searches.length) {
            taken.add(new ArrayList<>());
        }
        for (int question = 0; question < questions; question++) {
            for (int i = 0; i < searches.length; i++) {
                taken.get(i).add(timed(searches[i], question));
            }
        }
    }

    private static double timed(Search search, int question) throws Exception {
        long begin = System.nanoTime();
        if (search.hits(question) == 0) {
            throw new IllegalStateException("nothing was found");
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private double inMemory(float[][] vectors) throws Exception {
        InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
        List<Embedding> embeddings = new ArrayList<>(vectors.length);
        for (float[] vector : vectors) {
            embeddings.add(Embedding.from(vector));
        }
        store.addAll(embeddings);
        Search search = question -> store.search(EmbeddingSearchRequest.builder()
                        .queryEmbedding(Embedding.from(chunks.questionVectors().get(question)))
                        .maxResults(K)
                        .build())
                .matches()
                .size();
        return Samples.of(
                        interleaved(Math.min(SLOW_QUESTIONS, chunks.questions().size()), search)
                                .getFirst())
                .median();
    }

    private void loaded(Retriever retriever) throws Exception {
        BareLucene.Writers writers = Objects.requireNonNull(bare);
        Search ours = question -> retriever
                .search(request(question, null, SearchMode.DENSE))
                .hits()
                .size();
        Search theirs = question -> {
            IndexReader reader = writers.acquire();
            try {
                return BareLucene.dense(reader, chunks.questionVectors().get(question), chunks.model(), CANDIDATES, K)
                        .size();
            } finally {
                reader.decRef();
            }
        };
        awaitRest();
        List<List<Double>> rest = interleaved(chunks.questions().size(), ours, theirs);
        Samples oursLoaded;
        try (Load load = new Load(perSecond, size, number -> rig().sender().send(chunks, number))) {
            oursLoaded = during(ours);
            rig().sender().flush();
            out.printf(Locale.ROOT, "searched while %d chunks arrived%n", load.sent());
        }
        awaitRest();
        Samples theirsLoaded;
        try (Load load = new Load(
                        perSecond,
                        size,
                        number -> writers.put(number % IndexRig.PARTITIONS, chunks.id(number), chunks.chunk(number)));
                Load refreshes =
                        new Load((int) (1000 / BareLucene.refreshInterval().toMillis()), 0, _ -> writers.refresh())) {
            theirsLoaded = during(theirs);
            out.printf(
                    Locale.ROOT,
                    "bare Lucene searched while %d chunks arrived, with %d refreshes%n%n",
                    load.sent(),
                    refreshes.sent());
        }
        Samples oursRest = Samples.of(rest.get(0));
        Samples theirsRest = Samples.of(rest.get(1));
        figures.put("loaded_p50_ratio", Numbers.rounded(oursLoaded.median() / oursRest.median()))
                .put("loaded_p99_ratio", Numbers.rounded(oursLoaded.percentile(99) / oursRest.percentile(99)))
                .put("bare_loaded_p50_ratio", Numbers.rounded(theirsLoaded.median() / theirsRest.median()))
                .put("bare_loaded_p99_ratio", Numbers.rounded(theirsLoaded.percentile(99) / theirsRest.percentile(99)))
                .put("loaded_p50_ms", Numbers.rounded(oursLoaded.median()))
                .put("loaded_p99_ms", Numbers.rounded(oursLoaded.percentile(99)))
                .put("bare_loaded_p50_ms", Numbers.rounded(theirsLoaded.median()))
                .put("bare_loaded_p99_ms", Numbers.rounded(theirsLoaded.percentile(99)))
                .put("loaded_per_s", perSecond);
        row("dense p50 while ingesting, ms", oursLoaded.median(), theirsLoaded.median(), "%.3f", "");
        row("dense p99 while ingesting, ms", oursLoaded.percentile(99), theirsLoaded.percentile(99), "%.3f", "");
        table.row(
                "p50 while ingesting by that at rest",
                number(oursLoaded.median() / oursRest.median(), "%.2f"),
                number(theirsLoaded.median() / theirsRest.median(), "%.2f"),
                "",
                "");
        table.row(
                "p99 while ingesting by that at rest",
                number(oursLoaded.percentile(99) / oursRest.percentile(99), "%.2f"),
                number(theirsLoaded.percentile(99) / theirsRest.percentile(99), "%.2f"),
                "",
                "");
    }

    private Samples during(Search search) throws Exception {
        List<Double> taken = new ArrayList<>();
        long end = System.nanoTime() + loadedFor.toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            taken.add(timed(search, i % chunks.questions().size()));
            Thread.sleep(2); // those who ask leave the machine some time
        }
        return Samples.of(taken);
    }

    private void row(String name, double ours, double theirs, String format, String langChain4j) {
        table.row(name, number(ours, format), number(theirs, format), number(ours / theirs, "%.3f"), langChain4j);
    }

    private static String number(double value, String format) {
        return String.format(Locale.ROOT, format, value);
    }

    private IndexRig rig() {
        return Objects.requireNonNull(rig);
    }

    private void closeOurs() throws IOException {
        if (rig != null) {
            rig.close();
            rig = null;
        }
        if (broker != null) {
            broker.close();
            broker = null;
        }
    }

    private void closeBare() throws IOException {
        if (bare != null) {
            bare.close();
            bare = null;
        }
    }

    @Override
    public void close() throws IOException {
        closeOurs();
        closeBare();
    }

    /** Does something so many times a second in a thread of its own, until it is closed. */
    static final class Load implements AutoCloseable {
        private final Thread thread;
        private volatile boolean closed;
        private final AtomicInteger sent = new AtomicInteger();

        interface Step {
            void take(int number) throws IOException;
        }

        Load(int perSecond, int first, Step step) {
            thread = Thread.ofPlatform().daemon().name("load").start(() -> {
                long begin = System.nanoTime();
                while (!closed) {
                    long due = (System.nanoTime() - begin) * perSecond / 1_000_000_000L;
                    while (sent.get() < due && !closed) {
                        try {
                            step.take(first + sent.get());
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        sent.incrementAndGet();
                    }
                    java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                }
            });
        }

        int sent() {
            return sent.get();
        }

        @Override
        public void close() {
            closed = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Knows the vectors of the questions already, so that what is measured is the search. */
    private static final class KnownQuestions implements Embedder {
        private final Map<String, float[]> vectors = new HashMap<>();
        private final String model;
        private final int dimension;

        KnownQuestions(MixedChunks chunks) {
            model = chunks.model();
            dimension = chunks.questionVectors().getFirst().length;
            for (int i = 0; i < chunks.questions().size(); i++) {
                vectors.put(chunks.questions().get(i), chunks.questionVectors().get(i));
            }
        }

        @Override
        public float[] embed(String text) {
            return Objects.requireNonNull(vectors.get(text));
        }

        @Override
        public int dimension() {
            return dimension;
        }

        @Override
        public String fingerprint() {
            return model;
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
