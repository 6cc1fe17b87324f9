package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.embedding.Embedder;
import io.penstock.embedding.TestEmbedder;
import io.penstock.schema.ChatAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The extractive answerer on real text with the real model, behind an exhaustive hybrid retrieval. */
class RealTextTest {
    private static final Logger LOG = LoggerFactory.getLogger(RealTextTest.class);
    private static final Path DATA = Path.of("../shared/data");
    private static final int RETRIEVED = 8;

    /** Every how many questions are asked: all of them take a minute. */
    private static final int STRIDE = Integer.getInteger("penstock.test.stride", 8);

    private final Terms terms = new Terms();
    private final Map<String, float[]> vectors = new HashMap<>();
    private final Map<String, Set<String>> words = new HashMap<>();
    private final Embedder embedder = new RememberingEmbedder(TestEmbedder.shared(), vectors);

    private record Asked(String paragraph, String text, List<String> gold) {}

    @Test
    void shouldQuoteTheAnswerAndDeclineWhatIsNotKnown() throws Exception {
        Path folder = DATA.resolve("retrieval");
        assumeTrue(Files.isDirectory(folder), "skipped: ../shared/data/retrieval is absent");
        Map<String, Passage> paragraphs = paragraphs(folder);
        List<Asked> questions = questions(folder);
        ExtractiveAnswerer answerer = new ExtractiveAnswerer(embedder);
        int asked = 0;
        int lost = 0;
        int inFirst = 0;
        int inReply = 0;
        int declined = 0;
        for (int i = 0; i < questions.size(); i += STRIDE) {
            Asked question = questions.get(i);
            String title =
                    Objects.requireNonNull(paragraphs.get(question.paragraph())).segment();
            asked++;
            ChatAnswer answer = ask(answerer, question.text(), paragraphs, passage -> true);
            lost += answer.getAnswered() ? 0 : 1;
            String reply = answer.getReply();
            inReply += holds(reply, question.gold()) ? 1 : 0;
            inFirst += holds(reply.lines().findFirst().orElse(""), question.gold()) ? 1 : 0;
            ChatAnswer without = ask(
                    answerer,
                    question.text(),
                    paragraphs,
                    passage -> !passage.segment().equals(title));
            declined += without.getAnswered() ? 0 : 1;
        }
        LOG.info(
                "{} questions: gold answer in the first quote {}, in the reply {}; answerable lost {}; unanswerable declined {}",
                asked,
                share(inFirst, asked),
                share(inReply, asked),
                share(lost, asked),
                share(declined, asked));
        assertThat((double) declined / asked).as("unanswerable declined").isGreaterThan(0.85);
        assertThat((double) lost / asked).as("answerable lost").isLessThan(0.10);
        assertThat((double) inFirst / asked)
                .as("gold answer in the first quote")
                .isGreaterThan(0.70);
    }

    @Test
    void shouldCiteTheMeetingThatWasAskedFor() throws Exception {
        Path folder = DATA.resolve("fomc-statements");
        assumeTrue(Files.isDirectory(folder), "skipped: ../shared/data/fomc-statements is absent");
        Map<String, Passage> statements = statements(folder);

        ChatAnswer answer = ask(
                new ExtractiveAnswerer(embedder),
                "What target range for the federal funds rate did the Committee establish in December 2008?",
                statements,
                passage -> true);

        assertThat(answer.getAnswered()).isTrue();
        assertThat(answer.getCitations().getFirst().getItem()).isEqualTo("20081216");
        assertThat(answer.getReply().lines().findFirst().orElse("")).contains("0 to 1/4 percent");
        assertThat(ask(
                                new ExtractiveAnswerer(embedder),
                                "How long should sourdough bread be baked?",
                                statements,
                                passage -> true)
                        .getAnswered())
                .isFalse();
    }

    private ChatAnswer ask(
            ExtractiveAnswerer answerer, String question, Map<String, Passage> all, Predicate<Passage> known)
            throws InterruptedException {
        return answerer.answer(new Question(question, retrieve(question, all, known), List.of()));
    }

    /** The best passages by half cosine, half weighted word overlap. */
    private List<Passage> retrieve(String question, Map<String, Passage> all, Predicate<Passage> known)
            throws InterruptedException {
        float[] asked = embedder.embed(question);
        Map<String, Double> weights = new HashMap<>();
        for (String word : terms.of(question)) {
            long df = all.values().stream()
                    .filter(passage -> words(passage).contains(word))
                    .count();
            weights.put(word, Math.log1p(all.size() / (0.5 + df)));
        }
        double total =
                weights.values().stream().mapToDouble(Double::doubleValue).sum();
        List<Passage> scored = new ArrayList<>();
        for (Passage passage : all.values()) {
            if (known.test(passage)) {
                double overlap = weights.entrySet().stream()
                        .filter(word -> words(passage).contains(word.getKey()))
                        .mapToDouble(Map.Entry::getValue)
                        .sum();
                float[] vector = embedder.embed(passage.label() + "\n" + passage.text());
                double cosine = 0;
                for (int i = 0; i < vector.length; i++) {
                    cosine += asked[i] * vector[i];
                }
                scored.add(scored(passage, cosine / 2 + overlap / total / 2));
            }
        }
        scored.sort(Comparator.comparingDouble(Passage::score).reversed());
        return scored.subList(0, RETRIEVED);
    }

    private Set<String> words(Passage passage) {
        return words.computeIfAbsent(passage.id(), id -> terms.of(passage.label() + "\n" + passage.text()));
    }

    private static Passage scored(Passage passage, double score) {
        return new Passage(
                passage.id(),
                passage.topic(),
                passage.segment(),
                passage.processor(),
                passage.item(),
                passage.label(),
                passage.uri(),
                passage.text(),
                passage.start(),
                passage.end(),
                score);
    }

    private static Map<String, Passage> paragraphs(Path folder) throws IOException {
        Map<String, Passage> paragraphs = new HashMap<>();
        try (Stream<String> lines = Files.lines(folder.resolve("paragraphs.tsv"))) {
            lines.skip(1)
                    .map(line -> line.split("\t", -1))
                    .forEach(columns -> paragraphs.put(columns[0], passage(columns[0], columns[1], "", columns[2])));
        }
        return paragraphs;
    }

    private static List<Asked> questions(Path folder) throws IOException {
        try (Stream<String> lines = Files.lines(folder.resolve("questions.tsv"))) {
            return lines.skip(1)
                    .map(line -> line.split("\t", -1))
                    .map(columns -> new Asked(columns[0], columns[1], List.of(columns[2].split("\\|", -1))))
                    .toList();
        }
    }

    private static Map<String, Passage> statements(Path folder) throws IOException {
        Map<String, Passage> statements = new HashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".txt")).toList()) {
                String item = file.getFileName().toString().replace(".txt", "");
                LocalDate day = LocalDate.parse(item, DateTimeFormatter.BASIC_ISO_DATE);
                String label =
                        "FOMC statement of " + day.format(DateTimeFormatter.ofPattern("MMMM d, yyyy", Locale.ENGLISH));
                statements.put(item, passage(item, "statements", label, Files.readString(file)));
            }
        }
        return statements;
    }

    private static Passage passage(String item, String segment, String label, String text) {
        return new Passage(item, "t", segment, "p", item, label, "u", text, 0, text.length(), 0);
    }

    private static boolean holds(String text, List<String> gold) {
        return gold.stream().anyMatch(answer -> plain(text).contains(plain(answer)));
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("\\W+", " ").strip();
    }

    private static String share(int part, int whole) {
        return "%.3f".formatted((double) part / whole);
    }

    /** Embeds each text once. */
    private record RememberingEmbedder(Embedder model, Map<String, float[]> known) implements Embedder {
        @Override
        public float[] embed(String text) throws InterruptedException {
            float[] vector = known.get(text);
            if (vector == null) {
                vector = model.embed(text);
                known.put(text, vector);
            }
            return vector;
        }

        @Override
        public int dimension() {
            return model.dimension();
        }

        @Override
        public String fingerprint() {
            return model.fingerprint();
        }

        @Override
        public int countTokens(String text) {
            return model.countTokens(text);
        }

        @Override
        public int maxTokens() {
            return model.maxTokens();
        }
    }
}
