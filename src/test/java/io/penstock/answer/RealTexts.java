package io.penstock.answer;

import io.penstock.embedding.Embedder;
import io.penstock.embedding.TestEmbedder;
import io.penstock.embedding.Vectors;
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
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Real texts beside the project, searched exhaustively with the real model: the best passages by half cosine, half weighted word
 * overlap. Embeds each text once.
 */
final class RealTexts {
    static final Path PARAGRAPHS = Path.of("../shared/data/retrieval");
    static final Path STATEMENTS = Path.of("../shared/data/fomc-statements");
    private static final int RETRIEVED = 8;

    private final Terms terms = new Terms();
    private final Map<String, Set<String>> words = new HashMap<>();
    private final Embedder embedder = TestEmbedder.shared().forQueries();

    /** A question about a paragraph. */
    record Asked(String paragraph, String text, List<String> gold) {}

    Embedder embedder() {
        return embedder;
    }

    /** The best passages by half cosine, half weighted word overlap. */
    List<Passage> retrieve(String question, Map<String, Passage> all, Predicate<Passage> known)
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
                double cosine = Vectors.dot(asked, vector);
                scored.add(scored(passage, cosine / 2 + (total > 0 ? overlap / total / 2 : 0)));
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

    static Map<String, Passage> paragraphs() throws IOException {
        Map<String, Passage> paragraphs = new HashMap<>();
        try (Stream<String> lines = Files.lines(PARAGRAPHS.resolve("paragraphs.tsv"))) {
            lines.skip(1)
                    .map(line -> line.split("\t", -1))
                    .forEach(columns -> paragraphs.put(columns[0], passage(columns[0], columns[1], "", columns[2])));
        }
        return paragraphs;
    }

    static List<Asked> questions() throws IOException {
        try (Stream<String> lines = Files.lines(PARAGRAPHS.resolve("questions.tsv"))) {
            return lines.skip(1)
                    .map(line -> line.split("\t", -1))
                    .map(columns -> new Asked(columns[0], columns[1], List.of(columns[2].split("\\|", -1))))
                    .toList();
        }
    }

    static Map<String, Passage> statements() throws IOException {
        Map<String, Passage> statements = new HashMap<>();
        try (Stream<Path> files = Files.list(STATEMENTS)) {
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

    /** Whether a text holds one of the answers. */
    static boolean holds(String text, List<String> gold) {
        return gold.stream().anyMatch(answer -> plain(text).contains(plain(answer)));
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("\\W+", " ").strip();
    }
}
