package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodiesTest {
    private final JsonNode body = parse(
            "{\"text\":\"t\",\"number\":3,\"real\":1.5,\"none\":null,\"list\":[\"a\",\"b\"],\"mixed\":[\"a\",1],\"empty\":[]}");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|The body is empty",
                "'   '|The body is empty",
                "{\"a\":|line 1 column",
                "{'a':1}|The body is not JSON, line 1 column",
                "{} {}|The body is not JSON",
                "nonsense|The body is not JSON",
            })
    void shouldSayWhereABodyIsNotJson(String text, String detail) {
        assertMalformed(() -> parse(text), detail);
    }

    @Test
    void shouldRefuseNoBodyNestingWithoutEndAndBytesThatAreNotText() {
        assertMalformed(() -> Bodies.parse(null), "empty");
        assertMalformed(() -> parse("[".repeat(100_000)), "The body is not JSON");
        assertMalformed(() -> Bodies.parse(new byte[] {'"', (byte) 0xff, '"'}), "The body");
    }

    @Test
    void shouldRefuseHalfOfASurrogatePairWhereverItStands() {
        assertMalformed(() -> parse("{\"a\":[\"\\ud800\"]}"), "surrogate");
        assertMalformed(() -> parse("{\"\\udc00\":1}"), "surrogate");
        assertThat(parse("\"\\ud83d\\ude00\"").textValue()).isEqualTo("\ud83d\ude00");
    }

    @Test
    void shouldShowNothingOfItsParser() {
        for (String text : new String[] {"{\n\"a\":[1,", "[".repeat(1_000), "{\"a\":1,\"a\":2}"}) {
            assertThatThrownBy(() -> parse(text))
                    .isInstanceOfSatisfying(
                            PenstockException.class,
                            e -> assertThat(e.detail())
                                    .startsWith("The body is not JSON")
                                    .doesNotContain("Source", "StreamRead", "Exception"));
        }
    }

    @Test
    void shouldRefuseMoreThanAMebibyte() {
        String fits = "\"" + "x".repeat(1024 * 1024 - 2) + "\"";

        assertThat(parse(fits).textValue()).hasSize(1024 * 1024 - 2);
        assertThatThrownBy(() -> parse(fits + " "))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BODY_TOO_LARGE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "1", "\"a\"", "null"})
    void shouldRefuseWhatIsNoObject(String text) {
        assertMalformed(() -> Bodies.object(text.getBytes(UTF_8)), "must be a JSON object");
    }

    @Test
    void shouldReadFields() {
        assertThat(Bodies.requiredText(body, "text")).isEqualTo("t");
        assertThat(Bodies.text(body, "none")).isEmpty();
        assertThat(Bodies.text(body, "missing")).isEmpty();
        assertThat(Bodies.integer(body, "number")).contains(3);
        assertThat(Bodies.integer(body, "none")).isEmpty();
        assertThat(Bodies.texts(body, "list")).containsExactly("a", "b");
    }

    @Test
    void shouldNameTheFieldThatIsWrong() {
        assertMalformed(() -> Bodies.requiredText(body, "missing"), "'missing'");
        assertMalformed(() -> Bodies.requiredText(body, "number"), "'number'");
        assertMalformed(() -> Bodies.text(body, "list"), "'list'");
        assertMalformed(() -> Bodies.integer(body, "real"), "'real'");
        assertMalformed(() -> Bodies.integer(body, "text"), "'text'");
        assertMalformed(() -> Bodies.integer(parse("{\"n\":3000000000}"), "n"), "'n'");
        assertMalformed(() -> Bodies.texts(body, "mixed"), "'mixed'");
        assertMalformed(() -> Bodies.texts(body, "empty"), "'empty'");
        assertMalformed(() -> Bodies.texts(body, "text"), "'text'");
        assertMalformed(() -> Bodies.texts(body, "missing"), "'missing'");
    }

    private static JsonNode parse(String text) {
        return Bodies.parse(text.getBytes(UTF_8));
    }

    private static void assertMalformed(ThrowingCallable call, String detail) {
        assertThatThrownBy(call).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.BODY_MALFORMED);
            assertThat(e.detail()).contains(detail);
        });
    }
}
