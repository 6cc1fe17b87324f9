package io.penstock.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import io.penstock.bench.PairedBootstrap.Interval;
import io.penstock.bench.Ranking.Hit;
import io.penstock.bench.RealTexts.Asked;
import io.penstock.bench.RealTexts.Document;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How good search and answers are: questions about paragraphs of Wikipedia, put to the running application over HTTP after it
 * has collected the paragraphs. Beside it, LangChain4j as its guide begins, on the same texts with the same model.
 */
final class QualityBenchmark implements Benchmark {
    private static final String TOPIC = "quality";
    private static final String SEGMENT = "paragraphs";
    private static final List<String> MODES = List.of("hybrid", "dense", "lexical");
    private static final List<Integer> CUTS = List.of(1, 5, 10);
    private static final int HITS = 10;
    private static final int ANSWER_CUT = 5;
    private static final int CALLERS = 4;
    private static final int QUESTIONS = 1_190;

    @Override
    public String name() {
        return "quality";
    }

    @Override
    public String about() {
        return "recall of search and of extractive answers, and of LangChain4j: [QUESTIONS, " + QUESTIONS + "]";
    }

    @Override
    public Measurement with(List<String> arguments) {
        int questions =
                Numbers.of(name(), arguments, "the number of QUESTIONS", 1).at(0, QUESTIONS, QUESTIONS);
        RealTexts.require();
        return (folder, out) -> {
            try (RunningPenstock penstock = RunningPenstock.start(folder, Map.of())) {
                return measure(penstock, questions, true, out);
            }
        };
    }

    /**
     * @param questions how many are asked, spread over all there are
     * @param labelled whether LangChain4j is also tried with labels before the texts, as ours are found by them too
     */
    static ObjectNode measure(RunningPenstock penstock, int questions, boolean labelled, PrintStream out)
            throws Exception {
        List<Document> paragraphs = RealTexts.paragraphs();
        out.println("Collecting " + paragraphs.size() + " paragraphs ...");
        collect(penstock, paragraphs);
        List<Asked> asked = RealTexts.spread(RealTexts.asked(), questions);
        out.println("Asking " + asked.size() + " questions, in " + MODES.size() + " modes and for an answer ...");
        Results results = results(penstock, asked);
        out.println("Asking LangChain4j ...");
        EmbeddingModel model = PlainLangChain4j.model();
        results.theirs.put("langchain4j", langChain4j(model, paragraphs, asked));
        if (labelled) {
            List<Document> withLabels = paragraphs.stream()
                    .map(text -> new Document(text.item(), text.label(), text.label() + "\n" + text.text()))
                    .toList();
            results.theirs.put("langchain4j_labelled", langChain4j(model, withLabels, asked));
        }
        results.print(out);
        return results.figures();
    }

    private static void collect(RunningPenstock penstock, List<Document> paragraphs) throws Exception {
        penstock.create(TOPIC, List.of(SEGMENT));
        penstock.putProcessor("wikipedia", InlineDocuments.processor(TOPIC, SEGMENT, paragraphs));
        JsonNode run = penstock.collected(TOPIC, List.of(SEGMENT));
        if (run.at("/counts/indexed").asInt() != paragraphs.size()) {
            throw new IOException("Not everything was indexed: " + run);
        }
    }

    private record Answered(Map<String, List<Hit>> hits, JsonNode reply) {}

    private static Results results(RunningPenstock penstock, List<Asked> asked) throws Exception {
        Results results = new Results();
        try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            List<Future<Answered>> answers = new ArrayList<>();
            for (Asked question : asked) {
                answers.add(callers.submit(() -> answered(penstock, question)));
            }
            for (int i = 0; i < asked.size(); i++) {
                results.add(asked.get(i), answers.get(i).get());
            }
        }
        return results;
    }

    private static Answered answered(RunningPenstock penstock, Asked question)
            throws IOException, InterruptedException {
        Map<String, List<Hit>> hits = new LinkedHashMap<>();
        for (String mode : MODES) {
            List<Hit> found = new ArrayList<>();
            for (JsonNode hit : penstock.search(TOPIC, question.text(), mode, HITS)) {
                found.add(new Hit(hit.path("item").asText(), hit.path("text").asText()));
            }
            hits.put(mode, found);
        }
        return new Answered(hits, penstock.ask(TOPIC, question.text()));
    }

    private static Ranking langChain4j(EmbeddingModel model, List<Document> texts, List<Asked> asked) {
        PlainLangChain4j theirs = new PlainLangChain4j(model, new InMemoryEmbeddingStore<>());
        theirs.ingest(texts);
        Ranking ranking = new Ranking();
        asked.forEach(question -> ranking.add(question, theirs.search(question.text(), HITS)));
        return ranking;
    }

    /** What the running application has found and said. */
    private static final class Results {
        private final Map<String, Ranking> rankings = new LinkedHashMap<>();
        private final Map<String, Ranking> theirs = new LinkedHashMap<>();
        private int questions;
        private int inFirstQuote;
        private int inReply;
        private int declined;

        Results() {
            MODES.forEach(mode -> rankings.put(mode, new Ranking()));
        }

        void add(Asked question, Answered answered) {
            rankings.forEach(
                    (mode, ranking) -> ranking.add(question, answered.hits().getOrDefault(mode, List.of())));
            questions++;
            if (!answered.reply().path("answered").asBoolean()) {
                declined++;
                return;
            }
            String reply = answered.reply().path("reply").asText();
            String firstQuote = reply.lines().findFirst().orElse("");
            inFirstQuote += GoldAnswers.areIn(GoldAnswers.withoutNumber(firstQuote), question.answers()) ? 1 : 0;
            inReply += reply.lines()
                            .anyMatch(quote -> GoldAnswers.areIn(GoldAnswers.withoutNumber(quote), question.answers()))
                    ? 1
                    : 0;
        }

        private Ranking ranking(String mode) {
            Ranking ranking = rankings.get(mode);
            if (ranking == null) {
                throw new IllegalArgumentException(mode);
            }
            return ranking;
        }

        private Interval hybridLess(String mode, int cut) {
            return PairedBootstrap.compare(
                    ranking("hybrid").found(cut), ranking(mode).found(cut));
        }

        private boolean hybridBelowAny() {
            return MODES.stream()
                    .skip(1)
                    .anyMatch(mode ->
                            CUTS.stream().anyMatch(cut -> hybridLess(mode, cut).isBelow()));
        }

        void print(PrintStream out) {
            out.println();
            Table table = new Table(
                    questions + " questions", "recall@1", "recall@5", "recall@10", "answer in the first " + ANSWER_CUT);
            rankings.forEach((mode, ranking) -> row(table, mode, ranking));
            theirs.forEach((name, ranking) -> row(table, name, ranking));
            table.print(out);
            out.println();
            Table differences = new Table("hybrid less another, 95 % of draws", "@1", "@5", "@10");
            MODES.stream().skip(1).forEach(mode -> {
                List<String> cells = new ArrayList<>(List.of(mode));
                CUTS.forEach(cut -> cells.add(interval(hybridLess(mode, cut))));
                differences.row(cells.toArray(String[]::new));
            });
            differences.print(out);
            out.println();
            out.println("Extractive answers: an expected answer stands in the first quoted sentence for "
                    + share(inFirstQuote) + " of the questions, in the reply for " + share(inReply)
                    + "; nothing was answered for " + share(declined) + ".");
            out.println();
        }

        private static void row(Table table, String name, Ranking ranking) {
            List<String> cells = new ArrayList<>(List.of(name));
            CUTS.forEach(cut -> cells.add(number(ranking.recall(cut))));
            cells.add(number(ranking.answers(ANSWER_CUT)));
            table.row(cells.toArray(String[]::new));
        }

        private static String interval(Interval interval) {
            return String.format(
                    Locale.ROOT, "%+.4f [%+.4f, %+.4f]", interval.difference(), interval.low(), interval.high());
        }

        private static String number(double value) {
            return String.format(Locale.ROOT, "%.4f", value);
        }

        private String share(int part) {
            return number((double) part / questions);
        }

        ObjectNode figures() {
            ObjectNode figures = RunningPenstock.JSON.createObjectNode();
            CUTS.forEach(cut -> {
                ObjectNode recall = figures.putObject("recall_" + cut);
                rankings.forEach((mode, ranking) -> recall.put(mode, Numbers.rounded(ranking.recall(cut))));
            });
            ObjectNode answers = figures.putObject("answer_in_" + ANSWER_CUT);
            rankings.forEach((mode, ranking) -> answers.put(mode, Numbers.rounded(ranking.answers(ANSWER_CUT))));
            figures.put("best_sentence", Numbers.rounded((double) inFirstQuote / questions))
                    .put("answer_in_reply", Numbers.rounded((double) inReply / questions))
                    .put("declined", Numbers.rounded((double) declined / questions))
                    .put("hybrid_below_another", hybridBelowAny())
                    .put("questions", questions);
            theirs.forEach((name, ranking) -> {
                ObjectNode recall = figures.putObject(name);
                CUTS.forEach(cut -> recall.put("recall_" + cut, Numbers.rounded(ranking.recall(cut))));
                recall.put("answer_in_" + ANSWER_CUT, Numbers.rounded(ranking.answers(ANSWER_CUT)));
            });
            return figures;
        }
    }
}
