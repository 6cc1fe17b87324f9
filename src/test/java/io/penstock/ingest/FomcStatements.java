package io.penstock.ingest;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Real texts, where they are at hand: statements of the Federal Open Market Committee, by date. */
final class FomcStatements {
    private static final Path FOLDER = Path.of("../shared/data/fomc-statements");

    private FomcStatements() {}

    /** One text; skips the test that asks where the texts are absent. */
    static String of(String date) throws IOException {
        return Objects.requireNonNull(all().get(date));
    }

    /** All texts by date; skips the test that asks where the texts are absent. */
    static Map<String, String> all() throws IOException {
        assumeTrue(Files.isDirectory(FOLDER), () -> "skipped: there are no texts in " + FOLDER);
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".txt")).toList()) {
                texts.put(file.getFileName().toString().replace(".txt", ""), Files.readString(file));
            }
        }
        return texts;
    }
}
