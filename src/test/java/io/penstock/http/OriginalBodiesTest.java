package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.vertx.ext.web.RoutingContext;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginalBodiesTest {
    private static final ApiKey KEY = new ApiKey("secret", "It is in data/api-key.");

    @Test
    void shouldTakeTheKeyOutOfTheBody() {
        JsonNode body = OriginalBodies.object(KEY, call(false), bytes("{\"topic\":\"a\",\"api_key\":\"secret\"}"));

        assertThat(body.toString()).isEqualTo("{\"topic\":\"a\"}");
    }

    @Test
    void shouldTakeTheKeyOutOfEachObjectOfAnArray() {
        List<JsonNode> bodies = OriginalBodies.objects(
                KEY,
                call(false),
                bytes("[{\"topic\":\"a\",\"api_key\":\"secret\"},{\"topic\":\"b\",\"api_key\":\"secret\"}]"));

        assertThat(bodies).extracting(JsonNode::toString).containsExactly("{\"topic\":\"a\"}", "{\"topic\":\"b\"}");
    }

    @Test
    void shouldTakeAKeyOutAlsoWhenTheCallHasShownIt() {
        JsonNode body = OriginalBodies.object(KEY, call(true), bytes("{\"topic\":\"a\",\"api_key\":\"whatever\"}"));

        assertThat(body.has("api_key")).isFalse();
        assertThat(OriginalBodies.object(KEY, call(true), bytes("{\"topic\":\"a\"}"))
                        .has("topic"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"topic\":\"a\"}",
                "[{\"topic\":\"a\",\"api_key\":\"secret\"},{\"topic\":\"b\"}]",
                "[]",
                "[1]",
                "nonsense",
                ""
            })
    void shouldTellNothingToWhoeverShowsNoKey(String body) {
        assertCode(ErrorCode.KEY_MISSING, false, body, "data/api-key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"api_key\":\"wrong\"}",
                "{\"api_key\":null}",
                "{\"api_key\":[\"secret\"]}",
                "[{\"api_key\":\"secret\"},{\"api_key\":\"\"}]"
            })
    void shouldRefuseAWrongKey(String body) {
        assertCode(ErrorCode.KEY_WRONG, false, body, "data/api-key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[1]", "nonsense", "", "3"})
    void shouldSayWhatIsWrongToWhoeverHasShownTheKey(String body) {
        assertCode(ErrorCode.BODY_MALFORMED, true, body, "body");
    }

    @Test
    void shouldWantOneObjectWhereThereCanBeOnlyOne() {
        assertThatThrownBy(() -> OriginalBodies.object(KEY, call(true), bytes("[{},{}]")))
                .hasMessageContaining("one JSON object");
    }

    @Test
    void shouldKnowTheTwoActions() {
        JsonNode body = Bodies.parse(bytes("{\"a\":\"create\",\"b\":\"delete\",\"c\":\"Create\"}"));

        assertThat(OriginalBodies.action(body, "a")).isEqualTo(OriginalBodies.Action.CREATE);
        assertThat(OriginalBodies.action(body, "b")).isEqualTo(OriginalBodies.Action.DELETE);
        assertThatThrownBy(() -> OriginalBodies.action(body, "c")).hasMessageContaining("'c' is 'create' or 'delete'");
        assertThatThrownBy(() -> OriginalBodies.action(body, "d")).hasMessageContaining("'d'");
    }

    private static void assertCode(ErrorCode code, boolean authenticated, String body, String detail) {
        assertThatThrownBy(() -> OriginalBodies.objects(KEY, call(authenticated), bytes(body)))
                .isInstanceOfSatisfying(PenstockException.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.detail()).contains(detail).doesNotContain("secret");
                });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** A call of which nothing is known but whether it has shown the key. */
    private static RoutingContext call(boolean authenticated) {
        return (RoutingContext) Proxy.newProxyInstance(
                OriginalBodiesTest.class.getClassLoader(), new Class<?>[] {RoutingContext.class}, (_, method, args) -> {
                    if (method.getName().equals("get") && args[0].equals(AccessFilter.AUTHENTICATED)) {
                        return authenticated ? Boolean.TRUE : null;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }
}
