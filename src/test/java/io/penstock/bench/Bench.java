package io.penstock.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The program behind {@code ./penstock bench NAME}: the last line that it prints is one JSON object. */
public final class Bench {
    private static final List<Benchmark> BENCHMARKS = List.of(
            new StageBenchmark(),
            new TopicsBenchmark(),
            new EmbedBenchmark(),
            new ContentionBenchmark(),
            new QualityBenchmark(),
            new GroundingBenchmark(),
            new VolumeBenchmark(),
            new SearchBenchmark(),
            new ChatBenchmark(),
            new CaptureBenchmark());
    private static final Path FOLDER = Path.of("target", "bench");

    private Bench() {}

    public static void main(String... arguments) throws Exception {
        Logs.warningsOnly();
        // Threads of what was measured may still be there, and would keep the program running.
        Thread.currentThread().setUncaughtExceptionHandler((_, failure) -> {
            failure.printStackTrace(System.err);
            System.exit(1);
        });
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    /** @return the exit code: 0 when it was measured or listed, 2 when there is nothing of that name or for these arguments */
    static int run(List<String> arguments, PrintStream out, PrintStream err) throws Exception {
        if (arguments.isEmpty()) {
            out.println("usage: ./penstock bench NAME");
            out.println();
            BENCHMARKS.forEach(benchmark -> out.printf("  %-11s %s%n", benchmark.name(), benchmark.about()));
            return 0;
        }
        String name = arguments.getFirst();
        for (Benchmark benchmark : BENCHMARKS) {
            if (benchmark.name().equals(name)) {
                Benchmark.Measurement measurement;
                try {
                    measurement = benchmark.with(arguments.subList(1, arguments.size()));
                } catch (IllegalArgumentException e) {
                    err.println("penstock: " + e.getMessage());
                    return 2;
                }
                ObjectNode figures = measurement.run(emptied(FOLDER.resolve(name)), out);
                out.println(figures);
                return 0;
            }
        }
        err.println("penstock: there is no benchmark '" + name + "'; there are: "
                + String.join(", ", BENCHMARKS.stream().map(Benchmark::name).toList()));
        return 2;
    }

    private static Path emptied(Path folder) throws IOException {
        if (Files.exists(folder)) {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return Files.createDirectories(folder).toAbsolutePath();
    }
}
