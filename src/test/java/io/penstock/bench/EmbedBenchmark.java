package io.penstock.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import io.penstock.bench.RealTexts.Document;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens a second ingestion embeds, from inferences to committed chunks: beside a bare loop over as many sessions, which
 * is the most that this model and machine can do, and then, with a model that is set to 128 tokens, beside LangChain4j's {@code
 * embedAll} on the same chunks. They take turns, and each ratio is the median of those of all rounds.
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
        // An embedder comes first: it starts ONNX Runtime on a stack that is large enough, which a bare loop does not.
        try (OnnxEmbedder _ = OnnxEmbedder.open(settings.withSessions(1));
                BareLoop bare = new BareLoop(sessions)) {
            // One after the other: a second ingestion and its broker take a part of the cores even while nothing is
            // asked of them.
            EmbedContest whole = contest(plan, settings, folder.resolve("whole"), bare, null, documents, out);
            EmbedContest shortened = contest(
                    plan,
                    settings.withMaxTokens(SHORT_TOKENS),
                    folder.resolve("short"),
                    bare,
                    new AllMiniLmL6V2QuantizedEmbeddingModel(),
                    documents,
                    out);
            print(whole, shortened, plan, out);
            return figures(whole, shortened, sessions, plan);
        }
    }

    private static EmbedContest contest(
            Plan plan,
            EmbeddingSettings settings,
            Path folder,
            BareLoop bare,
            @Nullable EmbeddingModel langChain4j,
            List<Document> documents,
            PrintStream out)
            throws Exception {
        try (MeasuredIngestion ingestion = MeasuredIngestion.open(folder, settings)) {
            EmbedContest contest = new EmbedContest(ingestion, bare, langChain4j, documents);
            out.printf("Texts of at most %d tokens: comparing the vectors, and warming up ...%n", settings.maxTokens());
            contest.compareVectors();
            out.printf("Warm after %d rounds%n", contest.warmUp());
            for (int round = 1; round <= plan.rounds(); round++) {
                contest.round(round);
                out.printf("Round %d of %d: %s%n", round, plan.rounds(), contest.newest());
            }
            out.println();
            return contest;
        }
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

    private static void print(EmbedContest whole, EmbedContest shortened, Plan plan, PrintStream out) {
        Table table = new Table("tokens a second, median", "ingestion", "bare loop", "ratio", "LangChain4j", "ratio");
        table.row(
                plan.texts() + " documents, " + whole.chunks() + " chunks, " + whole.tokens() + " tokens",
                number(whole.ingestion()),
                number(whole.bareLoop()),
                ratio(whole.ratioToBareLoop()),
                "",
                "");
        table.row(
                plan.texts() + " documents, " + shortened.chunks() + " chunks of at most " + SHORT_TOKENS + " tokens, "
                        + shortened.tokens() + " tokens",
                number(shortened.ingestion()),
                number(shortened.bareLoop()),
                ratio(shortened.ratioToBareLoop()),
                number(shortened.langChain4j()),
                ratio(shortened.ratioToLangChain4j()));
        table.print(out);
        out.println();
    }

    private static ObjectNode figures(EmbedContest whole, EmbedContest shortened, int sessions, Plan plan) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("ratio_limit", Numbers.rounded(whole.ratioToBareLoop()))
                .put("ratio_langchain4j", Numbers.rounded(shortened.ratioToLangChain4j()))
                .put("ratio_limit_short", Numbers.rounded(shortened.ratioToBareLoop()))
                .put("tokens_per_s", Math.round(whole.ingestion()))
                .put("bare_tokens_per_s", Math.round(whole.bareLoop()))
                .put("short_tokens_per_s", Math.round(shortened.ingestion()))
                .put("short_bare_tokens_per_s", Math.round(shortened.bareLoop()))
                .put("langchain4j_tokens_per_s", Math.round(shortened.langChain4j()))
                .put("sessions", sessions)
                .put("rounds", plan.rounds())
                .put("documents", plan.texts())
                .put("tokens", whole.tokens())
                .put("short_tokens", shortened.tokens());
    }

    private static String number(double value) {
        return Long.toString(Math.round(value));
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
