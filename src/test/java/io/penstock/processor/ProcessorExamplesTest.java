package io.penstock.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples of processors in the documentation load as they are printed. */
class ProcessorExamplesTest {
    private static final Path PAGE = Path.of("docs/processors.md");
    private static final Pattern BLOCK = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);
    /** Pages are told inline, each in one line. */
    private static final Pattern PAGES = Pattern.compile("`(\\{\"by\": [^`]*})`");

    private final ProcessorConfigReader reader = new ProcessorConfigReader(InstantSource.fixed(Instant.EPOCH));

    @Test
    void shouldLoadEveryExample() throws IOException {
        List<String> types = new ArrayList<>();
        for (JsonNode example : examples(BLOCK)) {
            ObjectNode processor = (ObjectNode) example;
            if (processor.path("data_list").isTextual()) { // the file is told of, but not there
                processor.putArray("data_list").add("a");
            }

            ProcessorEntry entry =
                    reader.parse(processor.toString(), "the page").getFirst();

            assertThat(entry.getProblems()).as(processor.toString()).isEmpty();
            assertThat(entry.getState()).isEqualTo(ProcessorState.ACTIVE);
            types.add(entry.getSource().getType());
        }
        assertThat(types).contains("file", "http", "feed", "inline");
    }

    @Test
    void shouldLoadEveryWayOfPages() throws IOException {
        List<JsonNode> examples = examples(PAGES);
        for (JsonNode pages : examples) {
            Problems problems = new Problems();

            assertThat(new RecordsParser(problems).pages(pages, true)).isNotNull();
            assertThat(problems.list()).as(pages.toString()).isEmpty();
        }
        assertThat(examples)
                .extracting(pages -> pages.get("by").textValue())
                .containsExactly("link", "cursor", "number");
    }

    private static List<JsonNode> examples(Pattern pattern) throws IOException {
        List<JsonNode> examples = new ArrayList<>();
        for (MatchResult found :
                pattern.matcher(Files.readString(PAGE)).results().toList()) {
            examples.add(JsonEntries.MAPPER.readTree(found.group(1)));
        }
        return examples;
    }
}
