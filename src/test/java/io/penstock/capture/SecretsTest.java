package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.PagesConfig;
import io.penstock.schema.RecordsConfig;
import io.penstock.schema.SourceConfig;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final String VALUE = "s3cret \"value\" & more";
    private static final String TOKEN = "tok-123456789";

    private LoopbackServer server;
    private HttpSource source;

    @BeforeEach
    void start() throws IOException {
        server = new LoopbackServer();
        source = server.source(
                CaptureSettings.of(Path.of("config")).withSecrets(Set.of("API_TOKEN")),
                Map.of(
                        "PENSTOCK_SECRET_ODD", VALUE,
                        "API_TOKEN", TOKEN,
                        "PENSTOCK_SECRET_LINES", "first\r\nX-Admin: yes",
                        "PENSTOCK_API_KEY", "the-key-of-penstock",
                        "PATH", "/usr/bin"));
    }

    @AfterEach
    void stop() {
        source.close();
        server.close();
    }

    @Test
    void shouldKeepWhatKindOfFailureItWas() throws Exception {
        SecretsInUse secrets = new SecretsInUse(new Secrets(Set.of("API_TOKEN"), name -> TOKEN));
        secrets.value("API_TOKEN");

        CallException deferred = secrets.masked(
                CallException.deferred("x.busy", "busy: " + TOKEN, Duration.ofSeconds(7), Duration.ofMinutes(1)));

        assertThat(deferred.isDeferred()).isTrue();
        assertThat(deferred.retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(deferred.longestDeferral()).isEqualTo(Duration.ofMinutes(1));
        assertThat(deferred.code()).isEqualTo("x.busy");
        assertThat(deferred).hasMessage("busy: ${API_TOKEN}");
        assertThat(secrets.masked(CallException.permanent("x", TOKEN)).isPermanent())
                .isTrue();
        CallException retryable = secrets.masked(CallException.retryable("x", TOKEN, new IOException(TOKEN)));
        assertThat(retryable.isPermanent() || retryable.isDeferred()).isFalse();
        assertThat(retryable).hasNoCause();
    }

    @Test
    void shouldSendSecretsInHeadersQueryAndBodyEachInItsForm() throws Exception {
        server.answerJson("/", "[]");
        SourceConfig config = Requests.source("http", server.base() + "/")
                .setMethod("POST")
                .setHeaders(Map.of("Authorization", "Bearer ${API_TOKEN}"))
                .setQuery(Map.of("k", "${PENSTOCK_SECRET_ODD}"))
                .setBody("{\"k\": \"${PENSTOCK_SECRET_ODD}\", \"v\": \"{value}\"}")
                .build();

        source.fetch(Requests.of(config, "x"));

        LoopbackServer.Asked asked = server.asked().getFirst();
        assertThat(asked.header("Authorization")).isEqualTo("Bearer " + TOKEN);
        assertThat(asked.uri()).isEqualTo("/?k=s3cret%20%22value%22%20%26%20more");
        assertThat(asked.body()).isEqualTo("{\"k\": \"s3cret \\\"value\\\" & more\", \"v\": \"x\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATH", "PENSTOCK_API_KEY", "PENSTOCK_SECRET_NONE"})
    void shouldRefuseWhatIsNotAllowedOrNotThere(String name) {
        server.answerJson("/", "[]");

        CallException failure = Requests.failure(source, withHeader("${" + name + "}", "x"));

        assertThat(failure.code()).isEqualTo("capture.secret-unknown");
        assertThat(failure.isPermanent()).isTrue();
        assertThat(failure).hasMessageContaining(name).hasMessageNotContaining("/usr/bin");
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void shouldNotFillInSecretsThatTheDataListNames() throws Exception {
        server.answerJson("/", "[]");

        source.fetch(withHeader("{value}", "${API_TOKEN}"));

        assertThat(server.asked().getFirst().header("X-key")).isEqualTo("${API_TOKEN}");
    }

    @Test
    void shouldNotFillInSecretsInTheUri() {
        CallException failure = Requests.failure(source, Requests.http(server.base() + "/${API_TOKEN}", "x"));

        assertThat(failure.code()).isEqualTo("capture.refused");
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void shouldNotTellASecretThatCannotBeSent() {
        CallException failure = Requests.failure(source, withHeader("${PENSTOCK_SECRET_LINES}", "x"));

        assertThat(failure.code()).isEqualTo("capture.refused");
        assertThat(everything(failure)).doesNotContain("X-Admin");
    }

    @Test
    void shouldHideTheValueInAllThatARecordShows() throws Exception {
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("ETag", "\"" + TOKEN + "\"");
            LoopbackServer.send(
                    exchange,
                    200,
                    "application/json",
                    "{\"id\": \"" + TOKEN + "\", \"label\": \"" + TOKEN + "\", \"self\": \"/?k=" + TOKEN
                            + "\", \"odd\": \"s3cret%20%22value%22%20%26%20more\", \"harmless\": \"kept\"}");
        });
        SourceConfig config = Requests.source("http", server.base() + "/")
                .setQuery(Map.of("k", "${API_TOKEN}", "o", "${PENSTOCK_SECRET_ODD}"))
                .setRecords(RecordsConfig.newBuilder()
                        .setPath("$")
                        .setKey("$.id")
                        .setLabel("$.label")
                        .setUri("$.self")
                        .build())
                .build();

        Fetched fetched = source.fetch(Requests.of(config, "x"));

        CapturedItem item = fetched.items().getFirst();
        String content = new String(item.content().content(), UTF_8);
        assertThat(item.key()
                        + item.label()
                        + item.content().uri()
                        + item.content().attributes()
                        + content)
                .contains("kept")
                .doesNotContain(TOKEN)
                .doesNotContain("s3cret");
        assertThat(item.content().uri()).isEqualTo(server.base() + "/?k=***");
    }

    @Test
    void shouldHideTheValueInErrors() {
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("Location", "/b/" + TOKEN + "/../x?k=" + TOKEN);
            LoopbackServer.send(exchange, exchange.getRequestURI().getPath().equals("/") ? 302 : 500, "", "");
        });
        SourceConfig config = Requests.source("http", server.base() + "/")
                .setQuery(Map.of("k", "${API_TOKEN}"))
                .build();

        CallException failure = Requests.failure(source, Requests.of(config, "x"));

        assertThat(failure.code()).isEqualTo("capture.http-status");
        assertThat(everything(failure)).doesNotContain(TOKEN);
    }

    @Test
    void shouldFollowALinkThatHoldsTheSecret() throws Exception {
        server.answerJson("/a", "{\"items\": [{\"id\": 1}], \"next\": \"/b?k=" + TOKEN + "\"}");
        server.answerJson("/b", "{\"items\": [{\"id\": 2}]}");
        SourceConfig config = Requests.source("http", server.base() + "/a")
                .setQuery(Map.of("k", "${API_TOKEN}"))
                .setRecords(RecordsConfig.newBuilder()
                        .setPath("$.items")
                        .setKey("$.id")
                        .build())
                .setPages(
                        PagesConfig.newBuilder().setBy("link").setPath("$.next").build())
                .build();

        Fetched fetched = source.fetch(Requests.of(config, "x"));

        assertThat(fetched.items()).hasSize(2);
        assertThat(server.uris()).containsExactly("/a?k=" + TOKEN, "/b?k=" + TOKEN);
        assertThat(fetched.items().getLast().content().uri()).isEqualTo(server.base() + "/b?k=***");
    }

    private CaptureRequest withHeader(String header, String value) {
        return Requests.of(
                Requests.source("http", server.base() + "/")
                        .setHeaders(Map.of("X-Key", header))
                        .build(),
                value);
    }

    private static String everything(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
