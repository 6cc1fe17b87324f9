package io.penstock.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import io.penstock.bench.RealTexts.Document;
import io.penstock.embedding.Embedder;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.embedding.Vectors;
import io.penstock.ingest.ChunkedText;
import io.penstock.ingest.Chunker;
import io.penstock.ingest.ChunkingSettings;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens a second ingestion embeds, from inferences to committed chunks: beside a bare loop over as many sessions, which
 * is the most that this model and machine can do, and, on texts of at most 128 tokens, beside LangChain4j's {@code embedAll}.
 * They take turns, and each ratio is the median of those of all rounds.
 */
final class EmbedBenchmark implements Benchmark {
    /** What LangChain4j's bundled tokenizer cuts every text to, the special tokens included. */
    private static final int SHORT_TOKENS = 128;

    @Override
    public String name() {
        return "embed";
    }

    @Override
    public String about() {
        return "tokens a second of ingestion, a bare ONNX loop and LangChain4j: [ROUNDS, 5] [TEXTS, 200]";
    }

    private record Plan(int rounds, int texts) {
        static Plan of(List<String> arguments) {
            if (arguments.size() > 2) {
                throw new IllegalArgumentException("bench embed takes at most ROUNDS and TEXTS; got " + arguments);
            }
            return new Plan(number(arguments, 0, 5, 99), number(arguments, 1, 200, 9_999));
        }

        private static int number(List<String> arguments, int index, int standard, int most) {
            if (index >= arguments.size()) {
                return standard;
            }
            String text = arguments.get(index);
            if (!text.matches("[1-9][0-9]{0,3}") || Integer.parseInt(text) > most) {
                throw new IllegalArgumentException(
                        "bench embed takes numbers from 1 to " + most + ", not '" + text + "'");
            }
            return Integer.parseInt(text);
        }
    }

    @Override
    public Measurement with(List<String> arguments) {
        Plan plan = Plan.of(arguments);
        RealTexts.require();
        return (folder, out) -> run(plan, folder, out);
    }

    private static ObjectNode run(Plan plan, Path folder, PrintStream out) throws Exception {
        int sessions = Runtime.getRuntime().availableProcessors();
        EmbeddingSettings settings =
                EmbeddingSettings.defaults().withSessions(sessions).withNativeFolder(folder.resolve("native"));
        try (MeasuredProcess broker = MeasuredProcess.program(
                        BrokerProgram.class,
                        folder.resolve("broker.log"),
                        folder.resolve("kafka").toString());
                OnnxEmbedder embedder = OnnxEmbedder.open(settings);
                BareLoop bare = new BareLoop(sessions);
                IngestionRig rig = new IngestionRig(folder.resolve("streams"), broker.answer(), embedder, sessions)) {
            Contest contest = new Contest(
                    broker, embedder, bare, rig, new AllMiniLmL6V2QuantizedEmbeddingModel(), Work.of(plan, embedder));
            out.println("Comparing the vectors, which warms everything up ...");
            contest.warmUp();
            for (int round = 1; round <= plan.rounds(); round++) {
                contest.round(round);
                out.printf(Locale.ROOT, "Round %d of %d: %s%n", round, plan.rounds(), contest.newest());
            }
            out.println();
            contest.print(out);
            return contest.figures(sessions, plan);
        }
    }

    /**
     * The same texts in the forms that each needs.
     *
     * @param documents whole texts, which ingestion cuts
     * @param chunks what ingestion embeds of them
     * @param pieces the texts cut to 128 tokens, each a document of its own
     * @param shorts the same as bare texts
     */
    private record Work(
            List<Document> documents, Map<String, String> chunks, List<Document> pieces, List<TextSegment> shorts) {
        static Work of(Plan plan, Embedder embedder) throws Exception {
            List<Document> texts = RealTexts.mixed();
            Chunker chunker = new Chunker(embedder, ChunkingSettings.defaults());
            Chunker cutter = new Chunker(new Shortened(embedder), new ChunkingSettings(SHORT_TOKENS - 2, 0, 0, 4_000));
            List<Document> documents = new ArrayList<>();
            Map<String, String> chunks = new LinkedHashMap<>();
            List<Document> pieces = new ArrayList<>();
            for (int i = 0; i < plan.texts(); i++) {
                Document text = texts.get(i % texts.size());
                String item = text.item() + "-" + i;
                documents.add(new Document(item, text.label(), text.text()));
                ChunkedText chunked = chunker.chunk(text.label(), null, text.text());
                Set<String> embedded = new LinkedHashSet<>(); // ingestion embeds equal chunks of a document once
                chunked.chunks().forEach(chunk -> embedded.add(chunked.embedded(chunk)));
                embedded.forEach(chunk -> chunks.put(item + "/" + chunks.size(), chunk));
                cutter.chunk("", null, text.text())
                        .chunks()
                        .forEach(piece -> pieces.add(new Document(item + "-" + piece.start(), "", piece.text())));
            }
            List<TextSegment> shorts =
                    pieces.stream().map(piece -> TextSegment.from(piece.text())).toList();
            return new Work(List.copyOf(documents), chunks, List.copyOf(pieces), shorts);
        }

        List<String> chunkTexts() {
            return List.copyOf(chunks.values());
        }

        List<String> shortTexts() {
            return shorts.stream().map(TextSegment::text).toList();
        }
    }

    /** Counts as the model does, and has room for as many tokens as LangChain4j reads. */
    private record Shortened(Embedder embedder) implements Embedder {
        @Override
        public float[] embed(String text) throws InterruptedException {
            return embedder.embed(text);
        }

        @Override
        public int dimension() {
            return embedder.dimension();
        }

        @Override
        public String fingerprint() {
            return embedder.fingerprint();
        }

        @Override
        public int countTokens(String text) {
            return embedder.countTokens(text);
        }

        @Override
        public int maxTokens() {
            return SHORT_TOKENS;
        }
    }

    /** Tokens a second of each, round by round. */
    private static final class Contest {
        private final OnnxEmbedder embedder;
        private final BareLoop bare;
        private final IngestionRig rig;
        private final EmbeddingModel langChain4j;
        private final Work work;
        private final List<Double> ingestion = new ArrayList<>();
        private final List<Double> limit = new ArrayList<>();
        private final List<Double> shortIngestion = new ArrayList<>();
        private final List<Double> shortLimit = new ArrayList<>();
        private final List<Double> theirs = new ArrayList<>();
        private final MeasuredProcess broker;
        private final List<Double> cores = new ArrayList<>();
        private final List<Double> brokerCores = new ArrayList<>();
        private long tokens;
        private long shortTokens;

        Contest(
                MeasuredProcess broker,
                OnnxEmbedder embedder,
                BareLoop bare,
                IngestionRig rig,
                EmbeddingModel langChain4j,
                Work work) {
            this.broker = broker;
            this.embedder = embedder;
            this.bare = bare;
            this.rig = rig;
            this.langChain4j = langChain4j;
            this.work = work;
        }

        /** Everything once, and a proof that ingestion's vectors are those of the bare loop, bit by bit. */
        void warmUp() throws Exception {
            BareLoop.Embedded expected = bare.embed(work.chunkTexts());
            tokens = expected.tokens();
            Set<ByteBuffer> vectors = new LinkedHashSet<>();
            expected.vectors().forEach(vector -> vectors.add(Vectors.encode(vector)));
            Set<ByteBuffer> found = new LinkedHashSet<>();
            ingest("warm-up", work.documents(), tokens, found);
            if (!found.equals(vectors)) {
                throw new IllegalStateException("ingestion wrote other vectors than the bare loop computes: "
                        + found.size() + " and " + vectors.size());
            }
            shortTokens = bare.embed(work.shortTexts()).tokens();
            ingest("warm-up-short", work.pieces(), shortTokens, new LinkedHashSet<>());
            if (langChain4j.embedAll(work.shorts()).content().size()
                    != work.shorts().size()) {
                throw new IllegalStateException("LangChain4j has left texts out");
            }
        }

        /** Who goes first changes with each round. */
        void round(int round) throws Exception {
            List<Turn> turns = new ArrayList<>(List.of(
                    () -> ingestion.add(ingest("round-" + round, work.documents(), tokens, null)),
                    () -> limit.add(loop(work.chunkTexts(), tokens)),
                    () -> shortIngestion.add(ingest("short-" + round, work.pieces(), shortTokens, null)),
                    () -> theirs.add(embedAll()),
                    () -> shortLimit.add(loop(work.shortTexts(), shortTokens))));
            Collections.rotate(turns, round);
            for (Turn turn : turns) {
                turn.take();
            }
        }

        private interface Turn {
            void take() throws Exception;
        }

        private double ingest(
                String run, List<Document> documents, long expectedTokens, @Nullable Set<ByteBuffer> vectors)
                throws Exception {
            long before = embedder.tokensEmbedded();
            Duration cpuBefore = cpu();
            Duration brokerBefore = broker.cpu();
            double seconds = rig.ingest(run, documents, chunk -> {
                if (vectors != null) {
                    vectors.add(chunk.getEmbedding());
                }
            });
            long embedded = embedder.tokensEmbedded() - before;
            if (embedded != expectedTokens) {
                throw new IllegalStateException(
                        "ingestion embedded " + embedded + " tokens, the bare loop " + expectedTokens);
            }
            cores.add(cpu().minus(cpuBefore).toNanos() / 1e9 / seconds);
            brokerCores.add(broker.cpu().minus(brokerBefore).toNanos() / 1e9 / seconds);
            return embedded / seconds;
        }

        private Duration cpu() {
            return ProcessHandle.current()
                    .info()
                    .totalCpuDuration()
                    .orElse(Duration.ZERO)
                    .plus(broker.cpu());
        }

        private double loop(List<String> texts, long expectedTokens) throws Exception {
            long begin = System.nanoTime();
            bare.embed(texts);
            return expectedTokens / secondsSince(begin);
        }

        private double embedAll() {
            long begin = System.nanoTime();
            langChain4j.embedAll(work.shorts());
            return shortTokens / secondsSince(begin);
        }

        private static double secondsSince(long begin) {
            return (System.nanoTime() - begin) / 1e9;
        }

        String newest() {
            return String.format(
                    Locale.ROOT,
                    "ingestion %.0f tokens/s, bare loop %.0f (%.3f); of 128 tokens: ingestion %.0f, bare loop %.0f,"
                            + " LangChain4j %.0f (%.3f); ingestion and broker used %.2f cores, the broker %.2f",
                    ingestion.getLast(),
                    limit.getLast(),
                    ingestion.getLast() / limit.getLast(),
                    shortIngestion.getLast(),
                    shortLimit.getLast(),
                    theirs.getLast(),
                    shortIngestion.getLast() / theirs.getLast(),
                    cores.getLast(),
                    brokerCores.getLast());
        }

        void print(PrintStream out) {
            Table table =
                    new Table("tokens a second, median", "ingestion", "bare loop", "ratio", "LangChain4j", "ratio");
            table.row(
                    work.documents().size() + " documents, " + work.chunks().size() + " chunks, " + tokens + " tokens",
                    number(ingestion),
                    number(limit),
                    ratio(ingestion, limit),
                    "",
                    "");
            table.row(
                    work.pieces().size() + " texts of at most 128 tokens, " + shortTokens + " tokens",
                    number(shortIngestion),
                    number(shortLimit),
                    ratio(shortIngestion, shortLimit),
                    number(theirs),
                    ratio(shortIngestion, theirs));
            table.print(out);
            out.println();
        }

        ObjectNode figures(int sessions, Plan plan) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("ratio_limit", rounded(medianRatio(ingestion, limit)))
                    .put("ratio_langchain4j", rounded(medianRatio(shortIngestion, theirs)))
                    .put("ratio_limit_short", rounded(medianRatio(shortIngestion, shortLimit)))
                    .put("tokens_per_s", Math.round(median(ingestion)))
                    .put("bare_tokens_per_s", Math.round(median(limit)))
                    .put("short_tokens_per_s", Math.round(median(shortIngestion)))
                    .put("short_bare_tokens_per_s", Math.round(median(shortLimit)))
                    .put("langchain4j_tokens_per_s", Math.round(median(theirs)))
                    .put("sessions", sessions)
                    .put("rounds", plan.rounds())
                    .put("documents", work.documents().size())
                    .put("tokens", tokens)
                    .put("short_tokens", shortTokens);
        }

        private static String number(List<Double> values) {
            return Long.toString(Math.round(median(values)));
        }

        private static String ratio(List<Double> ours, List<Double> others) {
            return String.format(Locale.ROOT, "%.3f", medianRatio(ours, others));
        }

        private static double medianRatio(List<Double> ours, List<Double> others) {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < ours.size(); i++) {
                ratios.add(ours.get(i) / others.get(i));
            }
            return median(ratios);
        }

        private static double median(List<Double> values) {
            return new Samples(values.stream().mapToDouble(Double::doubleValue).toArray()).median();
        }

        private static double rounded(double value) {
            return Math.round(value * 1000) / 1000.0;
        }
    }
}
