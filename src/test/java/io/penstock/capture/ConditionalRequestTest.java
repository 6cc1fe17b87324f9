package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.penstock.schema.PagesConfig;
import io.penstock.schema.RecordsConfig;
import io.penstock.schema.SourceConfig;
import io.penstock.schema.StoredResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionalRequestTest {
    private static final String DATE = "Fri, 01 May 2026 10:00:00 GMT";

    private final CaptureCounters counters = new CaptureCounters();
    private LoopbackServer server;
    private HttpSource source;
    private volatile String version = "1";

    @BeforeEach
    void start() throws IOException {
        server = new LoopbackServer();
        source = server.source(
                CaptureSettings.of(Path.of("config")), Map.of("PENSTOCK_SECRET_T", "hush-hush"), counters);
    }

    @AfterEach
    void stop() {
        source.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"ETag", "Last-Modified", "Link", "Content-Type", "body"})
    void shouldNotKeepWhatNamesASecretItself(String place) throws Exception {
        String mask = "${PENSTOCK_SECRET_T}";
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("ETag", place.equals("ETag") ? mask : "\"1\"");
            exchange.getResponseHeaders().add("Last-Modified", place.equals("Last-Modified") ? mask + ".1" : DATE);
            exchange.getResponseHeaders().add("Link", place.equals("Link") ? "<?" + mask + ">; rel=next" : "<a>");
            String type = place.equals("Content-Type") ? "text/plain; a=" + mask : "text/plain";
            LoopbackServer.send(exchange, 200, type, place.equals("body") ? "text ${PENSTOCK_SECRET_T.2}" : "text");
        });
        SourceConfig config = Requests.source("http", server.base() + "/")
                .setHeaders(Map.of("X-Key", "${PENSTOCK_SECRET_T}"))
                .build();
        CaptureRequest request = Requests.of(config, "x");

        Fetched first = source.fetch(request);
        source.fetch(again(request, first));

        assertThat(first.responses()).isEmpty();
        assertThat(server.asked().getLast().header("If-none-match")).isNull();
    }

    @Test
    void shouldKeepNothingWithHugeHeaders() throws Exception {
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("Last-Modified", "x".repeat(ResponseCopies.MAX_HEADER_BYTES));
            versioned(exchange, "text/plain", "text");
        });

        assertThat(source.fetch(Requests.http(server.base() + "/", "x")).responses())
                .isEmpty();
    }

    @Test
    void shouldKeepOnlyTheLinkToTheNextPage() throws Exception {
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("Link", "</a>; rel=prev, </b>; rel=next");
            exchange.getResponseHeaders().add("Link", "</c>; rel=last");
            versioned(exchange, "text/plain", "text");
        });

        Fetched fetched = source.fetch(Requests.http(server.base() + "/", "x"));

        assertThat(fetched.responses().getFirst().getLinks()).containsExactly("</b>; rel=\"next\"");
    }

    @Test
    void shouldCountAllThatIsStored() {
        ResponseCopies copies = new ResponseCopies(List.of(), new SecretsInUse(new Secrets(Set.of(), name -> null)));
        String tag = "x".repeat(ResponseCopies.MAX_HEADER_BYTES / 2);
        URI uri = URI.create("http://a.example/");
        for (int i = 0; i < 2000; i++) {
            copies.keep("r" + i, new HttpAnswer(uri, 200, false, new byte[0], null, tag, null, List.of()));
        }

        assertThat(copies.kept()).hasSizeBetween(900, ResponseCopies.MAX_BYTES / tag.length());
    }

    @Test
    void shouldGiveTheSameContentAgainWhenNothingHasChanged() throws Exception {
        server.answer("/", exchange -> versioned(exchange, "text/plain; charset=utf-8", "Text of version " + version));
        CaptureRequest request = Requests.http(server.base() + "/{value}", "x");

        Fetched first = source.fetch(request);
        long afterFirst = counters.bytesReceived();
        Fetched second = source.fetch(again(request, first));

        assertThat(second).isEqualTo(first);
        assertThat(server.asked().get(0).header("If-none-match")).isNull();
        assertThat(server.asked().get(1).header("If-none-match")).isEqualTo("\"1\"");
        assertThat(afterFirst).isEqualTo("Text of version 1".length());
        assertThat(counters.bytesReceived()).isEqualTo(afterFirst);
        assertThat(counters.notModified()).isEqualTo(1);
    }

    @Test
    void shouldTakeTheNewContentWhenItHasChanged() throws Exception {
        server.answer("/", exchange -> versioned(exchange, "text/plain; charset=utf-8", "Text of version " + version));
        CaptureRequest request = Requests.http(server.base() + "/{value}", "x");

        Fetched first = source.fetch(request);
        version = "2";
        Fetched second = source.fetch(again(request, first));
        source.fetch(again(request, second));

        assertThat(second.only().content()).isEqualTo("Text of version 2".getBytes(UTF_8));
        assertThat(server.asked().get(2).header("If-none-match")).isEqualTo("\"2\"");
    }

    @Test
    void shouldAskByTheDateWhenThereIsNoTag() throws Exception {
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("Last-Modified", DATE);
            boolean known = DATE.equals(exchange.getRequestHeaders().getFirst("If-Modified-Since"));
            LoopbackServer.send(exchange, known ? 304 : 200, "text/plain", known ? "" : "dated");
        });
        CaptureRequest request = Requests.http(server.base() + "/", "x");

        Fetched second = source.fetch(again(request, source.fetch(request)));

        assertThat(second.only().content()).isEqualTo("dated".getBytes(UTF_8));
        assertThat(counters.notModified()).isEqualTo(1);
    }

    @Test
    void shouldKeepNothingOfAServerWithoutValidators() throws Exception {
        server.answer("/", exchange -> LoopbackServer.send(exchange, 200, "text/plain", "plain"));

        assertThat(source.fetch(Requests.http(server.base() + "/", "x")).responses())
                .isEmpty();
    }

    @Test
    void shouldAskInFullWhenTheRequestIsAnother() throws Exception {
        server.answer("/", exchange -> versioned(exchange, "text/plain", "text"));
        Fetched first = source.fetch(Requests.http(server.base() + "/", "x"));
        SourceConfig withHeader = Requests.source("http", server.base() + "/")
                .setHeaders(Map.of("Accept", "text/html"))
                .build();
        SourceConfig post = Requests.source("http", server.base() + "/")
                .setMethod("POST")
                .setBody("x")
                .build();

        source.fetch(again(Requests.http(server.base() + "/?q={value}", "x"), first));
        source.fetch(again(Requests.of(withHeader, "x"), first));
        source.fetch(again(Requests.of(post, "x"), first));

        assertThat(server.asked())
                .extracting(asked -> asked.header("If-none-match"))
                .containsOnlyNulls();
    }

    @Test
    void shouldFailWhenAServerSays304WithoutBeingAsked() {
        server.answer("/", exchange -> LoopbackServer.send(exchange, 304, "", ""));

        assertThat(Requests.failure(source, Requests.http(server.base() + "/", "x"))
                        .code())
                .isEqualTo("capture.http-status");
    }

    @Test
    void shouldAskInFullWhenTheCopyCannotBeRead() throws Exception {
        server.answer("/", exchange -> versioned(exchange, "text/plain", "text"));
        CaptureRequest request = Requests.http(server.base() + "/", "x");
        StoredResponse broken = StoredResponse.newBuilder(
                        source.fetch(request).responses().getFirst())
                .setBody(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .build();

        Fetched second = source.fetch(new CaptureRequest("p1", request.entry(), request.source(), List.of(broken)));

        assertThat(second.only().content()).isEqualTo("text".getBytes(UTF_8));
        assertThat(second.responses().getFirst().getBody().remaining()).isGreaterThan(3);
    }

    @Test
    void shouldAskOnlyTheEndOfARedirectByItsValidators() throws Exception {
        server.answer("/old", exchange -> {
            exchange.getResponseHeaders().add("Location", "/new");
            LoopbackServer.send(exchange, 302, "", "");
        });
        server.answer("/new", exchange -> versioned(exchange, "text/plain", "moved"));
        CaptureRequest request = Requests.http(server.base() + "/old", "x");

        Fetched second = source.fetch(again(request, source.fetch(request)));

        assertThat(second.only().content()).isEqualTo("moved".getBytes(UTF_8));
        assertThat(server.asked())
                .extracting(asked -> asked.uri() + " " + asked.header("If-none-match"))
                .containsExactly("/old null", "/new null", "/old null", "/new \"1\"");
    }

    @Test
    void shouldAskForEachPageConditionally() throws Exception {
        server.answer("/", exchange -> {
            String page = LoopbackServer.parameter(exchange, "page");
            if (page.isEmpty()) {
                exchange.getResponseHeaders().add("Link", "</?page=2>; rel=next");
            }
            versioned(exchange, "application/json", "[{\"id\": \"p" + page + "\"}]");
        });
        SourceConfig config = Requests.source("http", server.base() + "/")
                .setRecords(
                        RecordsConfig.newBuilder().setPath("$").setKey("$.id").build())
                .setPages(PagesConfig.newBuilder().setBy("link").build())
                .build();
        CaptureRequest request = Requests.of(config, "x");

        Fetched first = source.fetch(request);
        Fetched second = source.fetch(again(request, first));

        assertThat(first.items()).hasSize(2);
        assertThat(second).isEqualTo(first);
        assertThat(counters.notModified()).isEqualTo(2);
    }

    @Test
    void shouldKeepNoMoreThanFits() throws Exception {
        byte[] noise = new byte[ResponseCopies.MAX_BYTES + 1];
        new Random(7).nextBytes(noise);
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("ETag", "\"1\"");
            LoopbackServer.send(exchange, 200, "application/octet-stream", noise);
        });

        assertThat(source.fetch(Requests.http(server.base() + "/", "x")).responses())
                .isEmpty();
    }

    @Test
    void shouldKeepCopiesWithoutTheValuesOfSecrets() throws Exception {
        server.answer("/", exchange -> {
            String token = LoopbackServer.parameter(exchange, "token");
            versioned(exchange, "application/json", "[{\"id\": \"" + token + "\"}]");
        });
        SourceConfig config = Requests.source("http", server.base() + "/")
                .setQuery(Map.of("token", "${PENSTOCK_SECRET_T}"))
                .build();
        CaptureRequest request = Requests.of(config, "x");

        Fetched first = source.fetch(request);
        Fetched second = source.fetch(again(request, first));

        assertThat(counters.notModified()).isEqualTo(1);
        assertThat(second).isEqualTo(first);
        assertThat(first.responses().toString()).doesNotContain("hush-hush");
        assertThat(new String(first.only().content(), UTF_8)).doesNotContain("hush-hush");
    }

    private static CaptureRequest again(CaptureRequest request, Fetched before) {
        return new CaptureRequest("p1", request.entry(), request.source(), before.responses());
    }

    private void versioned(HttpExchange exchange, String type, String text) throws IOException {
        String tag = "\"" + version + "\"";
        exchange.getResponseHeaders().add("ETag", tag);
        if (Objects.equals(exchange.getRequestHeaders().getFirst("If-None-Match"), tag)) {
            LoopbackServer.send(exchange, 304, "", "");
        } else {
            LoopbackServer.send(exchange, 200, type, text);
        }
    }
}
