package io.penstock.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.answer.Judged;
import io.penstock.answer.Passage;
import io.penstock.bench.GroundingResults.Outcome;
import io.penstock.bench.GroundingResults.Outcomes;
import io.penstock.bench.HeldOut.Missing;
import io.penstock.bench.RealTexts.Asked;
import io.penstock.bench.RealTexts.Document;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Whether the extractive answerer says that nothing is known when nothing is, and only then. The running application collects
 * paragraphs of Wikipedia several times, each time without those of some titles, or without some of each title. Each question is
 * asked where its title is missing, where only its paragraph is, and where nothing of it is; the search and the chat are the
 * application's. The threshold is chosen on the questions about one half of the titles, and reported on the other.
 */
final class GroundingBenchmark implements Benchmark {
    private static final String TOPIC = "grounding";
    private static final int GROUPS = 5;
    private static final int PASSAGES = 8;
    private static final int CALLERS = 4;
    private static final int QUESTIONS = 1_190;

    @Override
    public String name() {
        return "grounding";
    }

    @Override
    public String about() {
        return "questions declined that nothing is known about, and others lost: [QUESTIONS, " + QUESTIONS + "]";
    }

    @Override
    public Measurement with(List<String> arguments) {
        int questions =
                Numbers.of(name(), arguments, "the number of QUESTIONS", 1).at(0, QUESTIONS, QUESTIONS);
        RealTexts.require();
        return (folder, out) -> {
            try (RunningPenstock penstock = RunningPenstock.start(folder, Map.of())) {
                return measure(penstock, questions, GROUPS, Integer.MAX_VALUE, folder, out);
            }
        };
    }

    /**
     * @param questions how many are asked, spread over all there are
     * @param groups that are held out in turns
     * @param titles of which there are paragraphs, at most
     */
    static ObjectNode measure(
            RunningPenstock penstock, int questions, int groups, int titles, Path folder, PrintStream out)
            throws Exception {
        Set<String> known = RealTexts.paragraphs().stream()
                .map(Document::label)
                .distinct()
                .limit(titles)
                .collect(Collectors.toSet());
        List<Document> paragraphs = RealTexts.paragraphs().stream()
                .filter(paragraph -> known.contains(paragraph.label()))
                .toList();
        Set<String> items = paragraphs.stream().map(Document::item).collect(Collectors.toSet());
        List<Asked> about = RealTexts.asked().stream()
                .filter(question -> items.contains(question.item()))
                .toList();
        HeldOut heldOut = new HeldOut(paragraphs, groups);
        out.println("Collecting " + paragraphs.size() + " paragraphs of " + heldOut.titles() + " titles, " + groups
                + " times without some titles and " + groups + " times without some of each title ...");
        collect(penstock, heldOut);
        List<Asked> asked = RealTexts.spread(about, questions);
        out.println("Asking " + asked.size() + " questions, with and without what they are about ...");
        EmbeddingSettings settings = EmbeddingSettings.defaults().withNativeFolder(folder.resolve("native"));
        GroundingResults results = new GroundingResults();
        try (OnnxEmbedder embedder = OnnxEmbedder.open(settings);
                ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
            Judged judged = new Judged(embedder.forQueries());
            List<Future<Outcomes>> all = new ArrayList<>();
            for (Asked question : asked) {
                all.add(callers.submit(() -> outcomes(penstock, judged, heldOut, question)));
            }
            for (Future<Outcomes> outcomes : all) {
                results.add(outcomes.get());
            }
        }
        results.print(out);
        return results.figures();
    }

    private static void collect(RunningPenstock penstock, HeldOut heldOut) throws Exception {
        List<String> segments = new ArrayList<>();
        for (Missing missing : Missing.values()) {
            for (int group = 0; group < heldOut.groups(); group++) {
                segments.add(segment(missing, group));
            }
        }
        penstock.create(TOPIC, segments);
        int expected = 0;
        for (Missing missing : Missing.values()) {
            for (int group = 0; group < heldOut.groups(); group++) {
                List<Document> known = heldOut.known(group, missing);
                String segment = segment(missing, group);
                penstock.putProcessor("paragraphs-" + segment, InlineDocuments.processor(TOPIC, segment, known));
                expected += known.size();
            }
        }
        JsonNode run = penstock.collected(TOPIC, segments);
        if (run.at("/counts/indexed").asInt() != expected) {
            throw new IOException("Not everything was indexed: " + run);
        }
    }

    private static String segment(Missing missing, int group) {
        return "without-" + missing.name().toLowerCase(Locale.ROOT) + "-" + group;
    }

    private static Outcomes outcomes(RunningPenstock penstock, Judged judged, HeldOut heldOut, Asked question)
            throws IOException, InterruptedException {
        int title = heldOut.group(question.item(), Missing.TITLES);
        int paragraph = heldOut.group(question.item(), Missing.PARAGRAPHS);
        return new Outcomes(
                heldOut.half(question.item()),
                outcome(penstock, judged, question, segment(Missing.TITLES, (title + 1) % heldOut.groups())),
                outcome(penstock, judged, question, segment(Missing.TITLES, title)),
                outcome(penstock, judged, question, segment(Missing.PARAGRAPHS, paragraph)));
    }

    private static Outcome outcome(RunningPenstock penstock, Judged judged, Asked question, String segment)
            throws IOException, InterruptedException {
        List<Passage> passages = new ArrayList<>();
        penstock.search(TOPIC, segment, question.text(), "hybrid", PASSAGES).forEach(hit -> passages.add(passage(hit)));
        JsonNode answer = penstock.ask(TOPIC, segment, question.text());
        boolean answered = answer.path("answered").asBoolean();
        String firstQuote = answer.path("reply").asText().lines().findFirst().orElse("");
        return new Outcome(
                judged.evidence(question.text(), passages),
                answered,
                answered && GoldAnswers.areIn(GoldAnswers.withoutNumber(firstQuote), question.answers()));
    }

    private static Passage passage(JsonNode hit) {
        return new Passage(
                hit.path("id").asText(),
                hit.path("topic").asText(),
                hit.path("segment").asText(),
                hit.path("processor").asText(),
                hit.path("item").asText(),
                hit.path("label").asText(),
                hit.path("uri").asText(),
                hit.path("text").asText(),
                hit.path("start").asInt(),
                hit.path("end").asInt(),
                hit.path("score").asDouble());
    }
}
