package io.penstock.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The real text: the statements of the Federal Open Market Committee, one file per meeting. */
final class Statements {
    static final Path FOLDER =
            Path.of("../shared/data/fomc-statements").toAbsolutePath().normalize();
    static final String TOPIC = "economy";
    static final String SEGMENT = "statements";
    static final int COUNT = 160;
    static final String QUESTION =
            "What target range for the federal funds rate did the Committee establish in December 2008?";

    private static final String DAY_OF_THE_QUESTION = "20081216";
    private static final DateTimeFormatter IN_WORDS = DateTimeFormatter.ofPattern("MMMM d, yyyy", Locale.ENGLISH);

    private Statements() {}

    static void assumePresent() {
        assumeTrue(Files.isDirectory(FOLDER), "skipped: ../shared/data/fomc-statements is absent");
    }

    /** Sets up topic, segment and processor, unless they are there. */
    static void prepare(Api api, int requestsPerSecond) {
        prepare(api, TOPIC, "fomc", days(), requestsPerSecond);
    }

    /** Sets up topic, segment and processor for every so many of the statements. */
    static void prepareEach(int nth, Api api, String topic, String processor, int requestsPerSecond) {
        prepare(api, topic, processor, each(nth), requestsPerSecond);
    }

    /** Every so many of the days, that of {@link #QUESTION} among them. */
    static List<String> each(int nth) {
        List<String> all = days();
        int asked = all.indexOf(DAY_OF_THE_QUESTION);
        return IntStream.range(0, all.size())
                .filter(i -> i % nth == asked % nth)
                .mapToObj(all::get)
                .toList();
    }

    private static void prepare(Api api, String topic, String processor, List<String> days, int requestsPerSecond) {
        if (api.get("/api/processors/" + processor).status() == 200) {
            return;
        }
        api.create(topic, SEGMENT);
        Api.require(
                api.put(
                        "/api/processors/" + processor,
                        processor(days, requestsPerSecond).put("topic", topic).toString()),
                201);
    }

    /** Has all statements collected once, unless they were. */
    static void collectOnce(Api api) {
        prepare(api, 1_000);
        if (api.records(TOPIC, SEGMENT).size() < COUNT) {
            JsonNode run = api.collected(TOPIC, SEGMENT);
            if (!run.path("state").asText().equals("DONE")) {
                throw new AssertionError("The collection did not succeed: " + run);
            }
        }
    }

    /** All statements as entries that hold their text. */
    static InlineItem[] items() {
        return days().stream()
                .map(day -> new InlineItem(day, label(day), PenstockProcess.text(FOLDER.resolve(day + ".txt"))))
                .toArray(InlineItem[]::new);
    }

    private static String label(String day) {
        return "FOMC statement of "
                + LocalDate.parse(day, DateTimeFormatter.BASIC_ISO_DATE).format(IN_WORDS);
    }

    private static ObjectNode processor(List<String> days, int requestsPerSecond) {
        ObjectNode config = Api.JSON
                .createObjectNode()
                .put("topic", TOPIC)
                .put("segment", SEGMENT)
                .put("batch_size", 8)
                .put("api_rate_limit", requestsPerSecond);
        config.putObject("source").put("type", "file").put("uri", FOLDER + "/{value}.txt");
        var list = config.putArray("data_list");
        for (String day : days) {
            list.addObject().put("value", day).put("label", label(day));
        }
        return config;
    }

    /** The days of the meetings, such as {@code 20081216}. */
    private static List<String> days() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".txt"))
                    .map(name -> name.substring(0, name.length() - ".txt".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
