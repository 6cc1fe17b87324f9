package io.penstock.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.bench.MeasuredProcess;
import io.penstock.chat.ReplyPartitionsOperations;
import io.penstock.chat.ReplyPartsOperations;
import io.penstock.embedding.EmbeddingQueueOperations;
import io.penstock.stage.CompletionsOperations;
import io.penstock.stage.PollWakerOperations;
import io.penstock.stage.ProviderLimiterOperations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Everything that several threads touch, in all interleavings of small random scenarios. To add something, write a public class with
 * Lincheck's {@code @Operation}s beside its test and list it here. {@code -Dpenstock.concurrency.scenarios} makes more of them.
 */
class ConcurrencyTest {
    private static final int SCENARIOS = Integer.getInteger("penstock.concurrency.scenarios", 10);
    private static final int INTERLEAVINGS = Integer.getInteger("penstock.concurrency.interleavings", 100);

    static final List<Class<?>> SHARED = List.of(
            CompletionsOperations.class,
            ProviderLimiterOperations.class,
            PollWakerOperations.class,
            EmbeddingQueueOperations.class,
            ReplyPartsOperations.class,
            ReplyPartitionsOperations.class);

    /** Lincheck's threads take turns and wait for theirs in a loop, unless they believe to be on a single processor. */
    private static final List<String> JVM_OPTIONS =
            List.of("-XX:ActiveProcessorCount=1", "-XX:TieredStopAtLevel=1", "-XX:+EnableDynamicAgentLoading");

    private static final Map<String, String> FAULTS = new HashMap<>();
    private static final List<String> CHECKED = new ArrayList<>();

    @BeforeAll
    static void check() throws IOException {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(SCENARIOS), Integer.toString(INTERLEAVINGS)));
        Stream.concat(Stream.of(LostUpdates.class), SHARED.stream())
                .map(Class::getName)
                .forEach(arguments::add);
        Path log = Files.createDirectories(Path.of("target", "concurrency")).resolve("log.txt");
        try (MeasuredProcess checker =
                MeasuredProcess.program(ModelChecker.class, log, JVM_OPTIONS, arguments.toArray(String[]::new))) {
            while (CHECKED.size() <= SHARED.size()) {
                String line = checker.answer();
                if (line.startsWith("ok ")) {
                    System.out.println(line);
                    CHECKED.add(line.substring("ok ".length(), line.lastIndexOf(' ')));
                } else if (line.startsWith("fault ")) {
                    String name = line.substring("fault ".length());
                    CHECKED.add(name);
                    FAULTS.put(name, textUntilEnd(checker));
                }
            }
        }
    }

    private static String textUntilEnd(MeasuredProcess checker) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = checker.answer(); !line.equals("end"); line = checker.answer()) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    @Test
    void shouldFindAFaultWhereThereIsOne() {
        assertThat(FAULTS.get(LostUpdates.class.getName())).contains("Invalid execution results");
    }

    @ParameterizedTest
    @FieldSource("SHARED")
    void shouldBehaveInEveryInterleaving(Class<?> operations) {
        assertThat(CHECKED).contains(operations.getName());
        assertThat(FAULTS.get(operations.getName())).isNull();
    }
}
