package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.schema.PagesConfig;
import io.penstock.schema.RecordsConfig;
import io.penstock.schema.SourceConfig;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PagedFetchTest {
    private static final CaptureSettings SETTINGS = CaptureSettings.of(Path.of("config"));

    private LoopbackServer server;
    private HttpSource source;

    @BeforeEach
    void start() throws IOException {
        server = new LoopbackServer();
        source = server.source(SETTINGS.withTask(new TaskLimits(Duration.ofMinutes(1), 5, 20, 100_000)));
    }

    @AfterEach
    void stop() {
        source.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"$.items[?(@.id > 0)], []", "$.items, null"})
    void shouldTakeALaterPageWithoutRecordsForAnEmptyOne(String path, String none) throws Exception {
        server.answer("/", exchange -> {
            String page = LoopbackServer.parameter(exchange, "p");
            String cursor = LoopbackServer.parameter(exchange, "c");
            boolean empty = page.equals("2") || cursor.equals("2");
            String items = empty ? none : "[{\"id\": " + (page + cursor).replaceFirst("^$", "1") + "}]";
            String next = cursor.isEmpty() ? "2" : cursor.equals("2") ? "3" : "null";
            LoopbackServer.send(
                    exchange, 200, "application/json", "{\"items\": " + items + ", \"next\": " + next + "}");
        });
        PagesConfig byNumber =
                PagesConfig.newBuilder().setBy("number").setParameter("p").build();
        PagesConfig byCursor = PagesConfig.newBuilder()
                .setBy("cursor")
                .setPath("$.next")
                .setParameter("c")
                .build();

        assertThat(keys(source.fetch(request(records(path, "$.id"), byNumber)))).containsExactly("1");
        assertThat(keys(source.fetch(request(records(path, "$.id"), byCursor)))).containsExactly("1", "3");
    }

    @Test
    void shouldFailForGoodWhenThePagesTakeLongerThanAnEntryHas() {
        CountDownLatch never = new CountDownLatch(1);
        server.answer("/", exchange -> {
            if (LoopbackServer.parameter(exchange, "p").equals("2")) {
                awaitOrBreakOff(never);
            }
            LoopbackServer.send(exchange, 200, "application/json", "{\"items\": [{\"id\": 1}]}");
        });
        PagesConfig byNumber =
                PagesConfig.newBuilder().setBy("number").setParameter("p").build();
        TaskLimits shortly = new TaskLimits(Duration.ofMillis(500), 5, 20, 100_000);

        try (HttpSource hurried = server.source(SETTINGS.withTask(shortly))) {
            assertThatThrownBy(() -> hurried.fetch(request(records("$.items", "$.id"), byNumber)))
                    .isInstanceOfSatisfying(CallException.class, failure -> {
                        assertThat(failure.code()).isEqualTo("capture.too-slow");
                        assertThat(failure.isPermanent()).isTrue();
                        assertThat(failure).hasMessageContaining("The server takes most of it");
                    });
        } finally {
            never.countDown();
        }
    }

    private static void awaitOrBreakOff(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Test
    void shouldMakeOneRecordOfEachElement() throws Exception {
        server.answerJson("/", """
                {"items": [
                  {"id": 7, "title": "First", "url": "/p/7", "body": "Text of the first"},
                  {"id": "a/b", "body": "<p>Text of the second"}]}""");
        RecordsConfig records = RecordsConfig.newBuilder()
                .setPath("$.items")
                .setKey("$.id")
                .setLabel("$.title")
                .setUri("$.url")
                .setContent("$.body")
                .setContentType("text/html")
                .build();

        List<CapturedItem> items = source.fetch(request(records, null)).items();

        assertThat(items)
                .extracting(
                        CapturedItem::key,
                        CapturedItem::label,
                        PagedFetchTest::text,
                        item -> item.content().uri())
                .containsExactly(
                        tuple("7", "First", "Text of the first", server.base() + "/p/7"),
                        tuple("a/b", "Label of x: a/b", "<p>Text of the second", server.base() + "/?q=x"));
        assertThat(items.getFirst().content().contentType()).isEqualTo("text/html");
        assertThat(items.getFirst().content().attributes()).containsEntry("http_status", "200");
    }

    @Test
    void shouldTakeTheWholeRecordAsJsonWithItsNumbersAsTheyAre() throws Exception {
        server.answerJson("/", "[{\"id\": 1, \"price\": 1.10, \"big\": 12345678901234567890.5}]");

        CapturedItem item =
                source.fetch(request(records("$", "$.id"), null)).items().getFirst();

        assertThat(text(item)).isEqualTo("{\"id\":1,\"price\":1.10,\"big\":12345678901234567890.5}");
        assertThat(item.content().contentType()).startsWith("application/json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            $.items[*]                 | 2
            $.items[?(@.ok == true)]   | 1
            $..items[*]                | 2
            $.items[0]                 | 1
            $.none                     | capture.path-empty
            $.none[*]                  | capture.path-empty
            $.items[?(@.ok == 'maybe')] | capture.path-empty
            $.nothing                  | capture.path-empty
            $.empty                    | 0
            $.empty[*]                 | 0
            """)
    void shouldFindRecordsByTheirPath(String path, String expected) throws Exception {
        server.answerJson(
                "/",
                "{\"items\": [{\"id\": 1, \"ok\": true}, {\"id\": 2, \"ok\": false}], \"empty\": [], \"nothing\": null}");
        CaptureRequest request = request(records(path, "$.id"), null);

        if (expected.startsWith("capture.")) {
            assertFailure(request, expected);
        } else {
            assertThat(source.fetch(request).items()).hasSize(Integer.parseInt(expected));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [{"id": 1}, {"name": "x"}]                      | capture.key-missing
            [{"id": ""}]                                    | capture.key-missing
            [{"id": {"a": 1}}]                              | capture.key-missing
            [{"id": 1, "a": 1}, {"id": 1, "a": 2}]          | capture.key-duplicate
            [{"id": 1                                       | capture.json-broken
            <html>Login</html>                              | capture.json-broken
            [{"id": 1}] []                                  | capture.json-broken
            ``                                              | capture.json-broken
            """)
    void shouldNameWhatIsWrongWithTheRecords(String json, String code) {
        server.answerJson("/", json);

        assertFailure(request(records("$", "$.id"), null), code);
    }

    @Test
    void shouldFailWhenTheContentOfARecordIsMissing() {
        server.answerJson("/", "[{\"id\": 1}]");
        RecordsConfig records = RecordsConfig.newBuilder()
                .setPath("$")
                .setKey("$.id")
                .setContent("$.body")
                .build();

        assertFailure(request(records, null), "capture.path-empty");
    }

    @Test
    void shouldNotRepeatWhatItReadInTheErrorOfBrokenJson() {
        server.answerJson("/", "{\"id\": secretword}");

        CallException failure = Requests.failure(source, request(records("$", "$.id"), null));

        assertThat(failure).hasMessageNotContaining("secretword").hasMessageContaining("line 1");
    }

    @Test
    void shouldTakeTheSameRecordOnTwoPagesOnce() throws Exception {
        server.answer("/", exchange -> {
            String page = LoopbackServer.parameter(exchange, "page");
            LoopbackServer.send(
                    exchange,
                    200,
                    "application/json",
                    switch (page) {
                        case "1" -> "[{\"id\": 1}, {\"id\": 2}]";
                        case "2" -> "[{\"id\": 2}, {\"id\": 3}]";
                        default -> "[]";
                    });
        });

        assertThat(keys(source.fetch(request(records("$", "$.id"), byNumber(null)))))
                .containsExactly("1", "2", "3");
    }

    @Test
    void shouldFollowLinkHeadersAndKeepTheConfiguredHeaders() throws Exception {
        server.answer("/items", exchange -> {
            String page = LoopbackServer.parameter(exchange, "after");
            if (!page.equals("2")) {
                exchange.getResponseHeaders()
                        .add(
                                "Link",
                                "</first>; rel=first, <?after=" + (page.isEmpty() ? 1 : 2)
                                        + ">; rel=\"prefetch next\"");
            }
            LoopbackServer.send(exchange, 200, "application/json", "[{\"id\": \"p" + page + "\"}]");
        });
        SourceConfig config = Requests.source("http", server.base() + "/items")
                .setHeaders(Map.of("X-Key", "k"))
                .setRecords(records("$", "$.id"))
                .setPages(PagesConfig.newBuilder().setBy("link").build())
                .build();

        assertThat(keys(source.fetch(Requests.of(config, "x")))).containsExactly("p", "p1", "p2");
        assertThat(server.uris()).containsExactly("/items", "/items?after=1", "/items?after=2");
        assertThat(server.asked()).extracting(asked -> asked.header("X-key")).containsOnly("k");
    }

    @Test
    void shouldFollowALinkInTheBody() throws Exception {
        server.answerJson("/a", "{\"items\": [{\"id\": 1}], \"next\": \"/b\"}");
        server.answerJson("/b", "{\"items\": [{\"id\": 2}], \"next\": null}");
        PagesConfig pages =
                PagesConfig.newBuilder().setBy("link").setPath("$.next").build();

        assertThat(keys(source.fetch(request("/a", records("$.items", "$.id"), pages))))
                .containsExactly("1", "2");
    }

    @Test
    void shouldPassTheCursorOnUntilThereIsNone() throws Exception {
        server.answer("/", exchange -> {
            String cursor = LoopbackServer.parameter(exchange, "cursor");
            String next = cursor.isEmpty() ? "\"a&b\"" : cursor.equals("a&b") ? "17" : "\"\"";
            LoopbackServer.send(
                    exchange,
                    200,
                    "application/json",
                    "{\"items\": [{\"id\": \"[" + cursor + "]\"}], \"meta\": {\"next\": " + next + "}}");
        });
        PagesConfig pages = PagesConfig.newBuilder()
                .setBy("cursor")
                .setPath("$.meta.next")
                .setParameter("cursor")
                .build();

        Fetched fetched = source.fetch(request("/?q={value}&cursor=", records("$.items", "$.id"), pages));

        assertThat(server.uris()).containsExactly("/?q=x&cursor=", "/?q=x&cursor=a%26b", "/?q=x&cursor=17");
        assertThat(fetched.items()).hasSize(3);
    }

    @Test
    void shouldCountPagesUntilOneBringsNothingNew() throws Exception {
        server.answer("/", exchange -> {
            int page = Integer.parseInt(LoopbackServer.parameter(exchange, "p"));
            LoopbackServer.send(exchange, 200, "application/json", page < 2 ? "[{\"id\": " + page + "}]" : "[]");
        });
        PagesConfig pages = PagesConfig.newBuilder()
                .setBy("number")
                .setParameter("p")
                .setFirst(0)
                .build();

        assertThat(keys(source.fetch(request(records("$", "$.id"), pages)))).containsExactly("0", "1");
        assertThat(server.uris()).containsExactly("/?q=x&p=0", "/?q=x&p=1", "/?q=x&p=2");
    }

    @Test
    void shouldEndAtTheFirstPageOfAServerThatDoesNotKnowTheParameter() throws Exception {
        server.answerJson("/", "[{\"id\": 1}]");

        assertThat(keys(source.fetch(request(records("$", "$.id"), byNumber(null)))))
                .containsExactly("1");
        assertThat(server.uris()).hasSize(2);
    }

    @Test
    void shouldTakeANumberWithoutAPageForTheEnd() throws Exception {
        server.answer("/", exchange -> {
            boolean first = LoopbackServer.parameter(exchange, "page").equals("1");
            LoopbackServer.send(exchange, first ? 200 : 404, "application/json", "[{\"id\": 1}]");
        });

        assertThat(keys(source.fetch(request(records("$", "$.id"), byNumber(null)))))
                .containsExactly("1");
    }

    @Test
    void shouldTakeAsManyPagesAsAreWanted() throws Exception {
        endlessPages();

        assertThat(keys(source.fetch(request(records("$", "$.id"), byNumber(3)))))
                .containsExactly("1", "2", "3");
    }

    @Test
    void shouldFailWhenThereAreMorePagesThanAnybodyAskedFor() {
        endlessPages();

        assertFailure(request(records("$", "$.id"), byNumber(null)), "capture.too-many-pages");
        assertThat(server.uris()).hasSize(5);
    }

    @Test
    void shouldFailWhenPagesLeadInACircle() {
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("Link", "</?q=x>; rel=next");
            LoopbackServer.send(exchange, 200, "application/json", "[{\"id\": 1}]");
        });

        assertFailure(
                request(
                        records("$", "$.id"),
                        PagesConfig.newBuilder().setBy("link").build()),
                "capture.too-many-pages");
        assertThat(server.uris()).hasSize(1);
    }

    @Test
    void shouldFailWhenALaterPageFails() {
        server.answer("/", exchange -> {
            boolean first = LoopbackServer.parameter(exchange, "page").equals("1");
            LoopbackServer.send(exchange, first ? 200 : 500, "application/json", "[{\"id\": 1}]");
        });

        assertFailure(request(records("$", "$.id"), byNumber(null)), "capture.http-status");
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:1/b",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "//other.example/b",
    })
    void shouldNotFollowALinkToAnotherServer(String link) {
        server.answer("/", exchange -> {
            exchange.getResponseHeaders().add("Link", "<" + link + ">; rel=next");
            LoopbackServer.send(exchange, 200, "application/json", "[{\"id\": 1}]");
        });

        assertFailure(
                request(
                        records("$", "$.id"),
                        PagesConfig.newBuilder().setBy("link").build()),
                "capture.refused");
    }

    @Test
    void shouldFollowALinkToAServerThatIsAllowedButKeepHeadersFromIt() throws Exception {
        try (LoopbackServer other = new LoopbackServer()) {
            other.answerJson("/b", "[{\"id\": 2}]");
            server.answer("/", exchange -> {
                exchange.getResponseHeaders().add("Link", "<" + other.base() + "/b>; rel=next");
                LoopbackServer.send(exchange, 200, "application/json", "[{\"id\": 1}]");
            });
            SourceConfig config = Requests.source("http", server.base() + "/")
                    .setHeaders(Map.of("X-Key", "k", "Accept", "application/json"))
                    .setRecords(records("$", "$.id"))
                    .setPages(PagesConfig.newBuilder().setBy("link").build())
                    .build();
            try (HttpSource both = new HttpSource(
                    SETTINGS.withHosts(Set.of(server.authority(), other.authority())), InstantSource.system())) {
                assertThat(keys(both.fetch(Requests.of(config, "x")))).containsExactly("1", "2");
            }
            assertThat(other.asked().getFirst().header("X-key")).isNull();
            assertThat(other.asked().getFirst().header("Accept")).isEqualTo("application/json");
        }
    }

    @Test
    void shouldBoundTheRecordsOfOneEntryByNumberAndBytes() {
        String many = IntStream.rangeClosed(1, 21)
                .mapToObj(i -> "{\"id\": " + i + "}")
                .collect(Collectors.joining(",", "[", "]"));
        server.answerJson("/many", many);
        server.answerJson("/large", "[{\"id\": 1, \"t\": \"" + "x".repeat(100_001) + "\"}]");

        assertFailure(request("/many", records("$", "$.id"), null), "capture.too-many-records");
        assertFailure(request("/large", records("$", "$.id"), null), "capture.too-many-bytes");
    }

    @Test
    void shouldSendTheQueryEncodedAndInTheOrderOfNames() throws Exception {
        server.answerJson("/", "[]");
        SourceConfig config = Requests.source("http", server.base() + "/?b=0&z=1")
                .setQuery(Map.of("q", "{value} & more", "b", "{label}"))
                .build();

        source.fetch(Requests.of(config, "a=b"));

        assertThat(server.uris()).containsExactly("/?z=1&b=Label%20of%20a%3Db&q=a%3Db%20%26%20more");
    }

    private void endlessPages() {
        server.answer(
                "/",
                exchange -> LoopbackServer.send(
                        exchange,
                        200,
                        "application/json",
                        "[{\"id\": " + LoopbackServer.parameter(exchange, "page") + "}]"));
    }

    private static PagesConfig byNumber(@Nullable Integer most) {
        return PagesConfig.newBuilder()
                .setBy("number")
                .setParameter("page")
                .setMost(most)
                .build();
    }

    private static RecordsConfig records(String path, String key) {
        return RecordsConfig.newBuilder().setPath(path).setKey(key).build();
    }

    private CaptureRequest request(RecordsConfig records, @Nullable PagesConfig pages) {
        return request("/?q={value}", records, pages);
    }

    private CaptureRequest request(String path, RecordsConfig records, @Nullable PagesConfig pages) {
        return Requests.of(
                Requests.source("http", server.base() + path)
                        .setRecords(records)
                        .setPages(pages)
                        .build(),
                "x");
    }

    private void assertFailure(CaptureRequest request, String code) {
        CallException failure = Requests.failure(source, request);
        assertThat(failure.code()).as(String.valueOf(failure.getMessage())).isEqualTo(code);
    }

    private static List<@Nullable String> keys(Fetched fetched) {
        return fetched.items().stream().map(CapturedItem::key).toList();
    }

    private static String text(CapturedItem item) {
        return new String(item.content().content(), UTF_8);
    }
}
