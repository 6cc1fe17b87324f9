package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The real texts beside the project, which are no part of it. */
final class RealTexts {
    private static final Path DATA = Path.of("../shared/data");

    private RealTexts() {}

    /**
     * A text as enrichment would hand it to ingestion.
     *
     * @param item name that no other text has
     */
    record Document(String item, String label, String text) {}

    /** @throws IllegalArgumentException when the texts are not there */
    static void require() {
        if (!Files.isDirectory(DATA)) {
            throw new IllegalArgumentException("this benchmark reads real texts in " + DATA
                    + " beside the project, and there are none; they are no part of it");
        }
    }

    /** Statements of the US Federal Open Market Committee, 250 to 900 words each. */
    static List<Document> statements() throws IOException {
        try (Stream<Path> files = Files.list(DATA.resolve("fomc-statements"))) {
            List<Document> documents = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                String name = String.valueOf(file.getFileName()).replace(".txt", "");
                documents.add(new Document(name, "FOMC statement of " + name, Files.readString(file, UTF_8)));
            }
            return documents;
        }
    }

    /** Paragraphs of Wikipedia. */
    static List<Document> paragraphs() throws IOException {
        return rows("paragraphs.tsv").stream()
                .map(row -> new Document("paragraph-" + row[0], row[1].replace('_', ' '), row[2]))
                .toList();
    }

    /** Statements and paragraphs in turns, then what is left of either. */
    static List<Document> mixed() throws IOException {
        List<Document> statements = statements();
        List<Document> paragraphs = paragraphs();
        List<Document> mixed = new ArrayList<>();
        for (int i = 0; i < Math.max(statements.size(), paragraphs.size()); i++) {
            if (i < statements.size()) {
                mixed.add(statements.get(i));
            }
            if (i < paragraphs.size()) {
                mixed.add(paragraphs.get(i));
            }
        }
        return List.copyOf(mixed);
    }

    /** Questions about the paragraphs. */
    static List<String> questions() throws IOException {
        return asked().stream().map(Asked::text).toList();
    }

    /**
     * A question about a paragraph.
     *
     * @param item the paragraph
     * @param answers each of them is right, and stands in the paragraph
     */
    record Asked(String item, String text, List<String> answers) {}

    /** Questions about the paragraphs, with what they ask for. */
    static List<Asked> asked() throws IOException {
        return rows("questions.tsv").stream()
                .map(row -> new Asked("paragraph-" + row[0], row[1], List.of(row[2].split("\\|", -1))))
                .toList();
    }

    /** So many of them, spread over all. */
    static List<Asked> spread(List<Asked> all, int count) {
        List<Asked> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(all.get((int) ((long) i * all.size() / count)));
        }
        return some;
    }

    private static List<String[]> rows(String file) throws IOException {
        return Files.readAllLines(DATA.resolve("retrieval").resolve(file), UTF_8).stream()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .toList();
    }
}
