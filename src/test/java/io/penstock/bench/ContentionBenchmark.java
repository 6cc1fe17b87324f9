package io.penstock.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.bench.RealTexts.Document;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.ingest.ChunkedText;
import io.penstock.ingest.Chunker;
import io.penstock.ingest.ChunkingSettings;
import io.penstock.kafka.KafkaSettings;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.serde.AvroSerdes;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How long questions to the chat take while a backlog of documents is ingested, beside how long they take while nothing else is
 * done. The packaged application with its own broker keeps one session of the embedding model for questions; both states take
 * turns, and the same questions are asked in both.
 */
final class ContentionBenchmark implements Benchmark {
    private static final int QUESTIONS = 100;
    private static final int EMBEDDED_TEXTS = 40;
    /** The bound that is judged: so many times the 95th percentile of idle, and the embedding of one text. */
    private static final int TIMES = 4;

    @Override
    public String name() {
        return "contention";
    }

    @Override
    public String about() {
        return "questions to the chat while a backlog is ingested: [ROUNDS, 1] [DOCUMENTS of the backlog, 500]";
    }

    private record Plan(int rounds, int documents) {
        static Plan of(List<String> arguments) {
            Numbers numbers = Numbers.of("contention", arguments, "ROUNDS and DOCUMENTS", 2);
            return new Plan(numbers.at(0, 1, 99), numbers.at(1, 500, 9_999));
        }
    }

    @Override
    public Measurement with(List<String> arguments) {
        Plan plan = Plan.of(arguments);
        RealTexts.require();
        return (folder, out) -> run(plan, folder, out);
    }

    private static ObjectNode run(Plan plan, Path folder, PrintStream out) throws Exception {
        double textMs = textMs(folder);
        PenstockClient client = new PenstockClient(folder);
        try (MeasuredProcess penstock = MeasuredProcess.application(environment(folder), client.log())) {
            client.awaitReady(penstock);
            KafkaSettings kafka = new KafkaSettings(client.bootstrapServers(), Map.of(), (short) 1);
            try (EmbeddedRegistry registry = EmbeddedRegistry.start(kafka);
                    Inferences inferences = new Inferences(kafka, new AvroSerdes(registry));
                    CompletedDocuments completed = new CompletedDocuments(kafka)) {
                Contest contest = new Contest(client, inferences, completed);
                out.println("Ingesting what the questions ask for, and warming up ...");
                contest.prepare();
                for (int round = 1; round <= plan.rounds(); round++) {
                    contest.idle();
                    contest.loaded("backlog-" + round, plan.documents());
                    out.printf(Locale.ROOT, "Round %d of %d: %s%n", round, plan.rounds(), contest.newest());
                }
                contest.idle(); // so that a machine that slows down or speeds up meanwhile favours neither
                out.println();
                return contest.result(out, plan, textMs);
            }
        }
    }

    private static Map<String, String> environment(Path folder) throws Exception {
        return Map.of(
                "PENSTOCK_PORT",
                "0",
                "PENSTOCK_KAFKA_PORT",
                "0",
                "PENSTOCK_DATA",
                folder.resolve("data").toString(),
                "PENSTOCK_CONFIG",
                Files.createDirectories(folder.resolve("config")).toString(),
                "PENSTOCK_TOPOLOGIES",
                Path.of("topologies").toAbsolutePath().toString(),
                "PENSTOCK_EMBEDDING_INGESTION_SESSIONS",
                "1",
                // The questions are the same each time; what is measured is how long they wait for the model.
                "PENSTOCK_EMBEDDING_REMEMBERED_MIB",
                "0");
    }

    /** Median time of embedding one chunk of the backlog's documents, while nothing else runs. */
    private static double textMs(Path folder) throws Exception {
        EmbeddingSettings settings =
                EmbeddingSettings.defaults().withSessions(1).withNativeFolder(folder.resolve("native"));
        try (OnnxEmbedder embedder = OnnxEmbedder.open(settings)) {
            Chunker chunker = new Chunker(embedder, ChunkingSettings.defaults());
            List<String> texts = new ArrayList<>();
            for (Document document : RealTexts.statements()) {
                ChunkedText chunked = chunker.chunk(document.label(), null, document.text());
                chunked.chunks().forEach(chunk -> texts.add(chunked.embedded(chunk)));
            }
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < 2 * EMBEDDED_TEXTS; i++) {
                long begin = System.nanoTime();
                embedder.embed(texts.get(i % texts.size()));
                if (i >= EMBEDDED_TEXTS) {
                    times.add((System.nanoTime() - begin) / 1e6);
                }
            }
            return samples(times).median();
        }
    }

    private static Samples samples(List<Double> values) {
        return new Samples(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Milliseconds of each answer, in both states. */
    private static final class Contest {
        private static final JsonMapper JSON = new JsonMapper();
        private static final Duration PATIENCE = Duration.ofMinutes(5);

        private final PenstockClient client;
        private final Inferences inferences;
        private final CompletedDocuments completed;
        private final List<String> questions = RealTexts.questions();
        private final List<Document> statements = RealTexts.statements();
        private final List<Double> idle = new ArrayList<>();
        private final List<Double> loaded = new ArrayList<>();
        private int newestIdle;
        private int newestLoaded;
        private double newestSeconds;
        private int asked;
        private int answered;

        Contest(PenstockClient client, Inferences inferences, CompletedDocuments completed) throws Exception {
            this.client = client;
            this.inferences = inferences;
            this.completed = completed;
        }

        void prepare() throws Exception {
            List<Document> paragraphs = RealTexts.paragraphs();
            inferences.send("knowledge", paragraphs);
            await("knowledge", paragraphs.size());
            inferences.send("warm-up", statements.subList(0, 40));
            for (int i = 0; i < QUESTIONS; i++) {
                ask(i);
            }
            await("warm-up", 40);
            asked = 0;
            answered = 0;
        }

        void idle() throws Exception {
            newestIdle = idle.size();
            for (int i = 0; i < QUESTIONS; i++) {
                idle.add(ask(i));
            }
        }

        /** Asks as long as anything of the backlog is left. */
        void loaded(String run, int count) throws Exception {
            List<Document> backlog = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Document document = statements.get(i % statements.size());
                backlog.add(new Document(document.item() + "-" + i, document.label(), document.text()));
            }
            newestLoaded = loaded.size();
            long begin = System.nanoTime();
            inferences.send(run, backlog);
            int complete = 0;
            for (int i = 0; complete < count; i++) {
                double took = ask(i % QUESTIONS);
                complete += completed.more(run, Duration.ZERO, _ -> {});
                if (complete < count) {
                    loaded.add(took);
                }
            }
            newestSeconds = (System.nanoTime() - begin) / 1e9;
        }

        private void await(String run, int count) {
            long begin = System.nanoTime();
            int complete = 0;
            while (complete < count) {
                complete += completed.more(run, Duration.ofSeconds(1), _ -> {});
                if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                    throw new IllegalStateException("only " + complete + " of " + count + " documents of " + run
                            + " were ingested in " + PATIENCE + "; the log is " + client.log());
                }
            }
        }

        /** Milliseconds until the answer was there. The questions are spread over the paragraphs. */
        private double ask(int number) throws Exception {
            String question = questions.get(number * (questions.size() / QUESTIONS));
            String body = JSON.createObjectNode().put("message", question).toString();
            long begin = System.nanoTime();
            HttpResponse<String> answer = client.send("/api/chat", body);
            double took = (System.nanoTime() - begin) / 1e6;
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
            }
            asked++;
            answered += JSON.readTree(answer.body()).path("answered").asBoolean() ? 1 : 0;
            return took;
        }

        String newest() {
            Samples before = samples(idle.subList(newestIdle, idle.size()));
            Samples during = samples(loaded.subList(newestLoaded, loaded.size()));
            return String.format(
                    Locale.ROOT,
                    "idle p50 %.0f ms, p95 %.0f ms; %d questions during %.0f s of ingestion, p50 %.0f ms, p95 %.0f ms",
                    before.median(),
                    before.percentile(95),
                    loaded.size() - newestLoaded,
                    newestSeconds,
                    during.median(),
                    during.percentile(95));
        }

        ObjectNode result(PrintStream out, Plan plan, double textMs) {
            Samples before = samples(idle);
            Samples during = samples(loaded);
            double bound = TIMES * before.percentile(95) + textMs;
            Table table = new Table("questions to the chat", "idle", "with a backlog", "ratio");
            table.row("asked", Integer.toString(idle.size()), Integer.toString(loaded.size()), "");
            row(table, "median, ms", before.median(), during.median());
            row(table, "95 of 100 within, ms", before.percentile(95), during.percentile(95));
            row(table, "longest, ms", before.max(), during.max());
            table.print(out);
            out.printf(
                    Locale.ROOT,
                    "%nOne text takes %.1f ms. The bound is %d times the 95th percentile of idle and one text: %.0f ms.%n%n",
                    textMs,
                    TIMES,
                    bound);
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("p95_ratio", Numbers.rounded(during.percentile(95) / before.percentile(95)))
                    .put("p95_of_bound", Numbers.rounded(during.percentile(95) / bound))
                    .put("idle_p50_ms", Numbers.rounded(before.median()))
                    .put("idle_p95_ms", Numbers.rounded(before.percentile(95)))
                    .put("loaded_p50_ms", Numbers.rounded(during.median()))
                    .put("loaded_p95_ms", Numbers.rounded(during.percentile(95)))
                    .put("text_ms", Numbers.rounded(textMs))
                    .put("answered", Numbers.rounded(answered / (double) asked))
                    .put("questions_idle", idle.size())
                    .put("questions_loaded", loaded.size())
                    .put("documents", plan.documents())
                    .put("rounds", plan.rounds());
        }

        private static void row(Table table, String name, double before, double during) {
            table.row(name, number(before, "%.1f"), number(during, "%.1f"), number(during / before, "%.2f"));
        }

        private static String number(double value, String format) {
            return String.format(Locale.ROOT, format, value);
        }
    }
}
