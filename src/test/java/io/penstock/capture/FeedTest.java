package io.penstock.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.stage.CallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeedTest {
    private static final String RSS = """
            <?xml version="1.0" encoding="UTF-8"?>
            <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
              <channel>
                <title>Harbour notices</title><link>https://harbour.example/</link><description>All of them</description>
                <item>
                  <title>Quay &amp;amp; crane</title>
                  <link>https://harbour.example/n/1</link>
                  <guid isPermaLink="false">notice-1</guid>
                  <pubDate>Fri, 01 May 2026 10:00:00 GMT</pubDate>
                  <dc:creator>Ada</dc:creator>
                  <category>quay</category><category>crane</category>
                  <description>Short</description>
                  <content:encoded><![CDATA[<p>The quay is <b>closed</b>.</p>]]></content:encoded>
                </item>
                <item>
                  <title>Fog</title>
                  <link>/n/2</link>
                  <description>The fog bell is out of order until June.</description>
                </item>
                <item><title>Only a title</title></item>
              </channel>
            </rss>
            """;
    private static final String ATOM = """
            <feed xmlns="http://www.w3.org/2005/Atom">
              <title>Log</title><id>urn:feed</id><updated>2026-05-02T00:00:00Z</updated>
              <entry>
                <id>urn:entry:1</id><title type="html">&lt;b&gt;Bold&lt;/b&gt; tide</title>
                <link rel="alternate" href="https://log.example/1"/>
                <published>2026-05-01T08:00:00Z</published><updated>2026-05-02T00:00:00Z</updated>
                <author><name>Bo</name></author><author><name>Cy</name></author>
                <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>High <em>water</em></p></div></content>
              </entry>
              <entry>
                <id>urn:entry:2</id><title>Plain</title><updated>2026-05-02T00:00:00Z</updated>
                <summary type="text">Low water at 3 &lt; 4</summary>
              </entry>
            </feed>
            """;

    private LoopbackServer server;
    private HttpSource source;

    @BeforeEach
    void start() throws IOException {
        server = new LoopbackServer();
        source = server.source(CaptureSettings.of(Path.of("config")));
    }

    @AfterEach
    void stop() {
        source.close();
        server.close();
    }

    @Test
    void shouldMakeARecordOfEachEntryOfRss() throws Exception {
        List<CapturedItem> items = fetch(RSS);

        assertThat(items)
                .extracting(
                        CapturedItem::key,
                        CapturedItem::label,
                        FeedTest::text,
                        item -> item.content().contentType())
                .containsExactly(
                        tuple(
                                "notice-1",
                                "Quay & crane",
                                "<p>The quay is <b>closed</b>.</p>",
                                "text/html; charset=utf-8"),
                        tuple("/n/2", "Fog", "The fog bell is out of order until June.", "text/plain; charset=utf-8"),
                        tuple(
                                ItemKeys.sha256("Only a title"),
                                "Only a title",
                                "Only a title",
                                "text/plain; charset=utf-8"));
        CapturedContent first = items.getFirst().content();
        assertThat(first.uri()).isEqualTo("https://harbour.example/n/1");
        assertThat(first.attributes())
                .containsEntry("title", "Quay & crane")
                .containsEntry("author", "Ada")
                .containsEntry("published_at", "2026-05-01T10:00:00Z")
                .containsEntry("feed", "Harbour notices")
                .containsEntry("categories", "quay, crane");
        assertThat(items.get(1).content().uri()).isEqualTo(server.base() + "/n/2");
        assertThat(items.get(2).content().uri()).isEqualTo(server.base() + "/feed");
    }

    @Test
    void shouldMakeARecordOfEachEntryOfAtom() throws Exception {
        List<CapturedItem> items = fetch(ATOM);

        assertThat(items).extracting(CapturedItem::key).containsExactly("urn:entry:1", "urn:entry:2");
        CapturedContent first = items.getFirst().content();
        assertThat(items.getFirst().label()).isEqualTo("Bold tide");
        assertThat(text(items.getFirst())).contains("<em>water</em>");
        assertThat(first.contentType()).isEqualTo("text/html; charset=utf-8");
        assertThat(first.uri()).isEqualTo("https://log.example/1");
        assertThat(first.attributes())
                .containsEntry("author", "Bo, Cy")
                .containsEntry("published_at", "2026-05-01T08:00:00Z")
                .containsEntry("updated_at", "2026-05-02T00:00:00Z");
        assertThat(text(items.getLast())).isEqualTo("Low water at 3 < 4");
        assertThat(items.getLast().content().contentType()).isEqualTo("text/plain; charset=utf-8");
    }

    @Test
    void shouldReadTheCharsetThatTheFeedNames() throws Exception {
        byte[] latin =
                RSS.replace("UTF-8", "ISO-8859-1").replace("Fog", "Nébel").getBytes(ISO_8859_1);
        server.answer("/feed", exchange -> LoopbackServer.send(exchange, 200, "application/rss+xml", latin));

        assertThat(source.fetch(request()).items().get(1).label()).isEqualTo("Nébel");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><rss version=\"2.0\"><channel><title>&x;</title></channel></rss>",
                "<!DOCTYPE rss SYSTEM \"http://127.0.0.1:1/x.dtd\"><rss version=\"2.0\"><channel><title>t</title></channel></rss>",
                "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><rss version=\"2.0\"><channel><title>&b;</title></channel></rss>",
                "<rss version=\"2.0\"><channel><title>t</title>",
                "<html><body>Login</body></html>",
                "{\"items\": []}",
                "",
            })
    void shouldRefuseWhatIsNoFeedAndEveryDocumentType(String body) {
        server.answer("/feed", exchange -> LoopbackServer.send(exchange, 200, "application/xml", body));

        CallException failure = Requests.failure(source, request());

        assertThat(failure.code()).as(String.valueOf(failure.getMessage())).isEqualTo("capture.feed-broken");
        assertThat(failure.getMessage()).endsWith(".").doesNotEndWith("..");
        assertThat(failure.isPermanent()).isTrue();
        assertThat(failure).hasMessageNotContaining("root:");
    }

    @Test
    void shouldFailOnAnEntryThatNothingIdentifies() {
        server.answer(
                "/feed",
                exchange -> LoopbackServer.send(
                        exchange,
                        200,
                        "application/rss+xml",
                        "<rss version=\"2.0\"><channel><title>t</title><item><description>x</description></item></channel></rss>"));

        assertThat(Requests.failure(source, request()).code()).isEqualTo("capture.key-missing");
    }

    @Test
    void shouldNotOverflowOnDeeplyNestedContent() {
        String deep = ATOM.replace("<p>High", "<p>".repeat(50_000) + "High")
                .replace("</p></div>", "</p>".repeat(50_000) + "</div>");
        server.answer("/feed", exchange -> LoopbackServer.send(exchange, 200, "application/atom+xml", deep));

        assertThat(Requests.failure(source, request()).code()).isEqualTo("capture.feed-broken");
    }

    @Test
    void shouldReadALargeFeed() throws Exception {
        String text = "The fog bell is out of order &amp; silent. ".repeat(20_000);

        List<CapturedItem> items = fetch(RSS.replace("The fog bell is out of order until June.", text));

        assertThat(items).hasSize(3);
        assertThat(text(items.get(1))).hasSize(20_000 * 39 - 1);
    }

    @Test
    @Timeout(20)
    void shouldNotTakeLongOverBracketsThatNeverClose() throws Exception {
        String brackets = RSS.replace("The fog bell is out of order until June.", "&lt;a".repeat(400_000));

        assertThat(fetch(brackets).get(1).content().contentType()).isEqualTo("text/plain; charset=utf-8");
    }

    private List<CapturedItem> fetch(String feed) throws Exception {
        server.answer("/feed", exchange -> LoopbackServer.send(exchange, 200, "application/xml", feed));
        return source.fetch(request()).items();
    }

    private CaptureRequest request() {
        return Requests.of(Requests.source("feed", server.base() + "/feed").build(), "x");
    }

    private static String text(CapturedItem item) {
        return new String(item.content().content(), UTF_8).strip();
    }
}
