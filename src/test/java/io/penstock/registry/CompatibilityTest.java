package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompatibilityTest {
    private static final String A = field("a", "\"string\"", "");
    private static final String B = field("b", "\"int\"", "");
    private static final String B_DEFAULT = field("b", "\"int\"", ", \"default\": 0");

    @ParameterizedTest
    @CsvSource({
        "NONE,true,true,true",
        "BACKWARD,false,true,true",
        "BACKWARD_TRANSITIVE,false,true,true",
        "FORWARD,true,false,true",
        "FORWARD_TRANSITIVE,true,false,true",
        "FULL,false,false,true",
        "FULL_TRANSITIVE,false,false,true"
    })
    void shouldAllowWhatTheLevelAllows(CompatibilityLevel level, boolean add, boolean remove, boolean addDefault) {
        assertThat(problems(level, record(A, B), record(A)).isEmpty()).isEqualTo(add);
        assertThat(problems(level, record(A), record(A, B)).isEmpty()).isEqualTo(remove);
        assertThat(problems(level, record(A, B_DEFAULT), record(A)).isEmpty()).isEqualTo(addDefault);
    }

    @Test
    void shouldLookAtEarlierVersionsOnlyWhenTransitive() {
        // A, then A and b by default, then A and b: the last reads the second, but not the first.
        assertThat(problems(CompatibilityLevel.BACKWARD, record(A, B), record(A), record(A, B_DEFAULT)))
                .isEmpty();
        assertThat(problems(CompatibilityLevel.BACKWARD_TRANSITIVE, record(A, B), record(A), record(A, B_DEFAULT)))
                .singleElement()
                .asString()
                .contains("version 1", "field 'b'", "no default value");
    }

    @Test
    void shouldNameTheFieldDeepInside() {
        String inner = "{\"type\": \"record\", \"name\": \"Inner\", \"fields\": [%s]}";
        String before = record(field("list", "{\"type\": \"array\", \"items\": " + inner.formatted(A) + "}", ""));
        String after =
                record(field("list", "{\"type\": \"array\", \"items\": " + inner.formatted(A + "," + B) + "}", ""));

        assertThat(problems(CompatibilityLevel.BACKWARD, after, before))
                .singleElement()
                .asString()
                .contains("field 'list.b'");
    }

    private static List<String> problems(CompatibilityLevel level, String proposed, String... earlier) {
        List<SchemaVersion> versions = new ArrayList<>();
        for (String schema : earlier) {
            int number = versions.size() + 1;
            versions.add(new SchemaVersion("s", number, number, SchemaContent.avro(schema), false));
        }
        return Compatibility.problems(
                level, new Schema.Parser().parse(proposed), versions, new SchemaResolver(new RegistryState()));
    }

    private static String field(String name, String type, String rest) {
        return "{\"name\": \"" + name + "\", \"type\": " + type + rest + "}";
    }

    private static String record(String... fields) {
        return "{\"type\": \"record\", \"name\": \"R\", \"fields\": [" + String.join(",", fields) + "]}";
    }
}
