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
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens a second ingestion embeds, from inferences to committed chunks: beside a bare loop over as many sessions, which
 * is the most that this model and machine can do, and, with a model that is set to 128 tokens, beside LangChain4j's {@code
 * embedAll} on the same chunks. They take turns, and each ratio is the median of those of all rounds.
 */
final class EmbedBenchmark implements Benchmark {
    /** What LangChain4j's bundled tokenizer cuts every text to, the special tokens included. */
    private static final int SHORT_TOKENS = 128;

    private static final int MORE_WARM_UPS = 2;

    @Override
    public String name() {
        return "embed";
    }

    @Override
    public String about() {
        return "tokens a second of ingestion, a bare ONNX loop and LangChain4j: [ROUNDS, 5] [TEXTS, 300]";
    }

    private record Plan(int rounds, int texts) {
        static Plan of(List<String> arguments) {
            Numbers numbers = Numbers.of("embed", arguments, "ROUNDS and TEXTS", 2);
            return new Plan(numbers.at(0, 5, 99), numbers.at(1, 300, 9_999));
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
        List<Document> documents = documents(plan.texts());
        try (MeasuredProcess broker = broker(folder.resolve("whole"));
                MeasuredProcess shortBroker = broker(folder.resolve("short"));
                OnnxEmbedder embedder = OnnxEmbedder.open(settings);
                OnnxEmbedder shortEmbedder = OnnxEmbedder.open(settings.withMaxTokens(SHORT_TOKENS));
                BareLoop bare = new BareLoop(sessions);
                IngestionRig rig =
                        new IngestionRig(folder.resolve("whole/streams"), broker.answer(), embedder, sessions);
                IngestionRig shortRig = new IngestionRig(
                        folder.resolve("short/streams"), shortBroker.answer(), shortEmbedder, sessions)) {
            Contest contest = new Contest(
                    documents,
                    new Side(broker, embedder, rig, chunks(documents, embedder)),
                    new Side(shortBroker, shortEmbedder, shortRig, chunks(documents, shortEmbedder)),
                    bare,
                    new AllMiniLmL6V2QuantizedEmbeddingModel());
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

    private static MeasuredProcess broker(Path folder) throws IOException {
        Files.createDirectories(folder);
        return MeasuredProcess.program(
                BrokerProgram.class,
                folder.resolve("broker.log"),
                folder.resolve("kafka").toString());
    }

    private static List<Document> documents(int count) throws IOException {
        List<Document> texts = RealTexts.mixed();
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Document text = texts.get(i % texts.size());
            documents.add(new Document(text.item() + "-" + i, text.label(), text.text()));
        }
        return List.copyOf(documents);
    }

    /** What ingestion embeds of the documents; equal chunks of one document once, as it does. */
    private static List<String> chunks(List<Document> documents, Embedder embedder) {
        Chunker chunker = new Chunker(embedder, ChunkingSettings.defaults());
        List<String> chunks = new ArrayList<>();
        for (Document document : documents) {
            ChunkedText chunked = chunker.chunk(document.label(), null, document.text());
            Set<String> embedded = new LinkedHashSet<>();
            chunked.chunks().forEach(chunk -> embedded.add(chunked.embedded(chunk)));
            chunks.addAll(embedded);
        }
        return List.copyOf(chunks);
    }

    /**
     * Ingestion with a limit of tokens.
     *
     * @param chunks what it embeds of the documents
     */
    private record Side(MeasuredProcess broker, OnnxEmbedder embedder, IngestionRig rig, List<String> chunks) {}

    /** Tokens a second of each, round by round. */
    private static final class Contest {
        private final List<Document> documents;
        private final Side whole;
        private final Side shortened;
        private final BareLoop bare;
        private final EmbeddingModel langChain4j;
        private final List<TextSegment> segments;
        private final List<Double> ingestion = new ArrayList<>();
        private final List<Double> limit = new ArrayList<>();
        private final List<Double> shortIngestion = new ArrayList<>();
        private final List<Double> shortLimit = new ArrayList<>();
        private final List<Double> theirs = new ArrayList<>();
        private final List<Double> cores = new ArrayList<>();
        private final List<Double> brokerCores = new ArrayList<>();
        private long tokens;
        private long shortTokens;

        Contest(List<Document> documents, Side whole, Side shortened, BareLoop bare, EmbeddingModel langChain4j) {
            this.documents = documents;
            this.whole = whole;
            this.shortened = shortened;
            this.bare = bare;
            this.langChain4j = langChain4j;
            this.segments = shortened.chunks().stream().map(TextSegment::from).toList();
        }

        /**
         * Everything at least once, and a proof that ingestion's vectors are those of the bare loop, bit by bit. Ingestion and its
         * broker are much more code than a loop, which the compiler is busy with for longer.
         */
        void warmUp() throws Exception {
            tokens = compare(whole);
            shortTokens = compare(shortened);
            for (int again = 1; again <= MORE_WARM_UPS; again++) {
                ingest("warm-up-" + again, whole, tokens, null);
                ingest("warm-up-" + again, shortened, shortTokens, null);
            }
            if (langChain4j.embedAll(segments).content().size() != segments.size()) {
                throw new IllegalStateException("LangChain4j has left texts out");
            }
        }

        private long compare(Side side) throws Exception {
            BareLoop.Embedded expected = bare.embed(side.chunks());
            Set<ByteBuffer> vectors = new LinkedHashSet<>();
            expected.vectors().forEach(vector -> vectors.add(Vectors.encode(vector)));
            Set<ByteBuffer> found = new LinkedHashSet<>();
            ingest("warm-up", side, expected.tokens(), found);
            if (!found.equals(vectors)) {
                throw new IllegalStateException("ingestion wrote other vectors than the bare loop computes: "
                        + found.size() + " and " + vectors.size());
            }
            return expected.tokens();
        }

        /** Who goes first changes with each round. */
        void round(int round) throws Exception {
            List<Turn> turns = new ArrayList<>(List.of(
                    () -> ingestion.add(ingest("round-" + round, whole, tokens, null)),
                    () -> limit.add(loop(whole.chunks(), tokens)),
                    () -> shortIngestion.add(ingest("round-" + round, shortened, shortTokens, null)),
                    () -> theirs.add(embedAll()),
                    () -> shortLimit.add(loop(shortened.chunks(), shortTokens))));
            Collections.rotate(turns, round);
            for (Turn turn : turns) {
                turn.take();
            }
        }

        private interface Turn {
            void take() throws Exception;
        }

        private double ingest(String run, Side side, long expectedTokens, @Nullable Set<ByteBuffer> vectors)
                throws Exception {
            long before = side.embedder().tokensEmbedded();
            Duration ownBefore = own();
            Duration brokerBefore = side.broker().cpu();
            double seconds = side.rig().ingest(run, documents, chunk -> {
                if (vectors != null) {
                    vectors.add(chunk.getEmbedding());
                }
            });
            long embedded = side.embedder().tokensEmbedded() - before;
            if (embedded != expectedTokens) {
                throw new IllegalStateException(
                        "ingestion embedded " + embedded + " tokens, the bare loop " + expectedTokens);
            }
            cores.add(own().minus(ownBefore).toNanos() / 1e9 / seconds);
            brokerCores.add(side.broker().cpu().minus(brokerBefore).toNanos() / 1e9 / seconds);
            return embedded / seconds;
        }

        private static Duration own() {
            return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        }

        private double loop(List<String> texts, long expectedTokens) throws Exception {
            long begin = System.nanoTime();
            bare.embed(texts);
            return expectedTokens / secondsSince(begin);
        }

        private double embedAll() {
            long begin = System.nanoTime();
            langChain4j.embedAll(segments);
            return shortTokens / secondsSince(begin);
        }

        private static double secondsSince(long begin) {
            return (System.nanoTime() - begin) / 1e9;
        }

        String newest() {
            return String.format(
                    Locale.ROOT,
                    "ingestion %.0f tokens/s, bare loop %.0f (%.3f); of 128 tokens: ingestion %.0f, bare loop %.0f,"
                            + " LangChain4j %.0f (%.3f); cores used: ingestion %.2f, its broker %.2f",
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
                    documents.size() + " documents, " + whole.chunks().size() + " chunks, " + tokens + " tokens",
                    number(ingestion),
                    number(limit),
                    ratio(ingestion, limit),
                    "",
                    "");
            table.row(
                    documents.size() + " documents, " + segments.size() + " chunks of at most 128 tokens, "
                            + shortTokens + " tokens",
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
                    .put("ratio_limit", Numbers.rounded(medianRatio(ingestion, limit)))
                    .put("ratio_langchain4j", Numbers.rounded(medianRatio(shortIngestion, theirs)))
                    .put("ratio_limit_short", Numbers.rounded(medianRatio(shortIngestion, shortLimit)))
                    .put("tokens_per_s", Math.round(median(ingestion)))
                    .put("bare_tokens_per_s", Math.round(median(limit)))
                    .put("short_tokens_per_s", Math.round(median(shortIngestion)))
                    .put("short_bare_tokens_per_s", Math.round(median(shortLimit)))
                    .put("langchain4j_tokens_per_s", Math.round(median(theirs)))
                    .put("sessions", sessions)
                    .put("rounds", plan.rounds())
                    .put("documents", documents.size())
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
    }
}
