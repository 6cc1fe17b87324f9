package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.DataEntry;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class TemplateTest {
    @Test
    void shouldFillValueAndLabelOnly() {
        assertThat(fill("{value}-{label}-{other}-{value}", "v", "l")).isEqualTo("v-l-{other}-v");
    }

    @Test
    void shouldNotLookAtWhatItFilledIn() {
        assertThat(fill("{value}", "{label}", "secret")).isEqualTo("{label}");
        assertThat(fill("{value}", "$1\\", "l")).isEqualTo("$1\\");
    }

    @Test
    void shouldEncodeAllThatMeansSomethingInAUrl() {
        assertThat(Template.urlEncoded("a b/c?d=e&f#g%h+é~-._"))
                .isEqualTo("a%20b%2Fc%3Fd%3De%26f%23g%25h%2B%C3%A9~-._");
    }

    @Test
    void shouldEscapeForJsonAndXml() {
        assertThat(Template.jsonEscaped("\"\\\n\u001f/")).isEqualTo("\\\"\\\\\\u000A\\u001F/");
        assertThat(Template.xmlEscaped("<a href='x'>\"&")).isEqualTo("&lt;a href=&apos;x&apos;&gt;&quot;&amp;");
    }

    private static String fill(String template, String value, String label) {
        return Template.fill(template, new DataEntry(value, label, Map.of()), UnaryOperator.identity());
    }
}
