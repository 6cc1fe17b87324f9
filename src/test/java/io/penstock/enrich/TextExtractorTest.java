package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.document.DocumentSettings;
import io.penstock.document.Documents;
import io.penstock.error.PenstockException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TextExtractorTest {
    private static final int MAX_CHARACTERS = 100_000;

    private static final Documents DOCUMENTS = new Documents(DocumentSettings.DEFAULT);

    private final TextExtractor extractor = new TextExtractor(MAX_CHARACTERS, DOCUMENTS);

    @AfterAll
    static void endProcesses() {
        DOCUMENTS.close();
    }

    @Test
    void shouldReadTheDeclaredCharset() {
        byte[] bytes = "Größe über alles".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(text(bytes, "text/plain; charset=\"ISO-8859-1\"")).isEqualTo("Größe über alles");
    }

    @Test
    void shouldTakeBytesThatAreNotUtf8ForWindows1252() {
        byte[] bytes = "Price: 5 € – “quoted”".getBytes(Charset.forName("windows-1252"));

        assertThat(text(bytes, "text/plain")).isEqualTo("Price: 5 € – “quoted”");
        assertThat(text(bytes, "text/plain; charset=utf-8")).isEqualTo("Price: 5 € – “quoted”");
        assertThat(text(bytes, "text/plain; charset=no-such-charset")).isEqualTo("Price: 5 € – “quoted”");
    }

    @Test
    void shouldKeepUtf8WithOneBrokenPlace() {
        byte[] whole = "Übergröße für Ärzte".getBytes(UTF_8);
        byte[] bytes = new byte[whole.length + 1];
        System.arraycopy(whole, 0, bytes, 0, whole.length);
        bytes[whole.length] = (byte) 0xC3;

        assertThat(text(bytes, "text/plain")).isEqualTo("Übergröße für Ärzte\uFFFD");
    }

    @Test
    void shouldLetTheByteOrderMarkDecide() {
        assertThat(text("\uFEFFtext".getBytes(UTF_8), "text/plain; charset=iso-8859-1"))
                .isEqualTo("text");
        assertThat(text("\uFEFFtext".getBytes(StandardCharsets.UTF_16LE), "text/plain"))
                .isEqualTo("text");
        assertThat(text("\uFEFF{\"text\":\"é\"}".getBytes(StandardCharsets.UTF_16BE), "application/json"))
                .isEqualTo("é");
    }

    @Test
    void shouldNormaliseLineEndsControlCharactersAndComposition() {
        ExtractedText extracted = extract(
                "  a\r\nb\rc\u2028d\u0000\u0007e\tf cafe\u0301  \n".getBytes(UTF_8), "text/plain; charset=utf-8");

        assertThat(extracted.text()).isEqualTo("a\nb\nc\nde\tf caf\u00e9");
        assertThat(extracted.dropped()).isEqualTo(2);
    }

    @Test
    void shouldReplaceSurrogatesThatStandAlone() {
        assertThat(text("{\"text\":\"a\\ud800b \\ud83d\\ude00\"}".getBytes(UTF_8), "application/json"))
                .isEqualTo("a\uFFFDb \ud83d\ude00");
    }

    @Test
    void shouldTakeTheTitleOfMarkdownFromItsFirstHeading() {
        assertThat(extract("# The title #\n\nText".getBytes(UTF_8), "text/markdown")
                        .title())
                .isEqualTo("The title");
        assertThat(extract("Text\n# Later".getBytes(UTF_8), "text/markdown").title())
                .isNull();
    }

    @Test
    void shouldTakeTheHeadingAsAPersonReadsIt() {
        assertThat(markdownTitle("\n\n  #  About C#  \nText")).isEqualTo("About C#");
        assertThat(markdownTitle("# #\nText")).isNull();
        assertThat(markdownTitle("#hashtag\nText")).isNull();
        assertThat(markdownTitle("## Second level\nText")).isNull();
        assertThat(markdownTitle("    # Code\nText")).isNull();
        assertThat(markdownTitle("#")).isNull();
    }

    @Test
    @Timeout(10)
    void shouldReadHeadingsOfManySpacesInTimeThatGrowsWithTheirLength() {
        assertThat(markdownTitle("# a" + " ".repeat(200_000) + "b")).isEqualTo("a b");
        assertThat(markdownTitle("# a" + " #".repeat(100_000) + "b")).startsWith("a # #");
        assertThat(markdownTitle(" \n".repeat(200_000) + "a")).isNull();
    }

    @Test
    void shouldCutTitlesThatAreNone() {
        String title = Objects.requireNonNull(html("<title>" + "\ud83d\ude00".repeat(5_000) + "</title><p>Text</p>")
                .title());

        assertThat(title).hasSize(1_000).endsWith("\ud83d\ude00");
        assertThat(markdownTitle("# x" + "\ud83d\ude00".repeat(5_000))).hasSize(999);
    }

    @Test
    void shouldLeaveOutMenusScriptsAndStylesOfPages() {
        ExtractedText extracted = html("""
                <html><head><title> A &amp; B </title><style>p { color: red }</style></head><body>
                <nav><a href="/">Home</a> <a href="/x">Menu entry</a></nav>
                <div role="navigation">Bread crumbs</div>
                <script>var a = "script text";</script><noscript>Enable JavaScript</noscript>
                <h1>Heading</h1><p>First   paragraph
                with <b>bold</b> words.</p><p>Second.<br>New line</p>
                <ul><li>one</li><li>two</li></ul>
                <table><tr><td>Rate</td><td>0.25</td></tr><tr><td>Year</td><td>2008</td></tr></table>
                <p hidden>Hidden text</p><p style="display: none">Unseen</p><button>Press</button>
                <pre>a  b
                c</pre></body></html>
                """);

        assertThat(extracted.title()).isEqualTo("A & B");
        assertThat(extracted.text()).isEqualTo("""
                        # Heading

                        First paragraph with bold words.

                        Second.
                        New line

                        one
                        two

                        Rate 0.25
                        Year 2008

                        a  b
                        c""");
    }

    @Test
    void shouldMarkHeadingsOfPages() {
        assertThat(
                        html("<h1><div>All about</div> <b>rates</b></h1><h3><a href='/x'> A part</a></h3><h2> </h2><p>Text</p>")
                                .text())
                .isEqualTo("# All about\n\nrates\n\n### A part\n\nText");
        assertThat(html("<p>Before</p><h2></h2>after").text()).isEqualTo("Before\n\nafter");
    }

    @Test
    void shouldReadThePagesOwnCharset() {
        byte[] declared = "<meta charset=\"windows-1251\"><p>Привет</p>".getBytes(Charset.forName("windows-1251"));
        byte[] undeclared = "<p>Größe</p>".getBytes(Charset.forName("windows-1252"));

        assertThat(text(declared, "text/html")).isEqualTo("Привет");
        assertThat(text(undeclared, "text/html")).isEqualTo("Größe");
    }

    @Test
    void shouldTakeTextAndTitleOfJson() {
        ExtractedText extracted = json("{\"title\":\"T\",\"text\":\"The text.\\r\\nMore\",\"id\":7}");

        assertThat(extracted.title()).isEqualTo("T");
        assertThat(extracted.text()).isEqualTo("The text.\nMore");
        assertThat(json("{\"content\":\"The content.\"}").text()).isEqualTo("The content.");
        assertThat(json("\"only a string\"").text()).isEqualTo("only a string");
    }

    @Test
    void shouldListTheValuesOfOtherJson() {
        assertThat(json("{\"a\":{\"b\":[1,{\"c\":\"x\"}],\"d\":null},\"e\":1.50,\"text\":{\"f\":true}}")
                        .text())
                .isEqualTo("a.b[0]: 1\na.b[1].c: x\ne: 1.50\ntext.f: true");
    }

    @Test
    void shouldRefuseJsonThatIsNone() {
        assertThatThrownBy(() -> json("{\"a\": oops}"))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("not: ")
                .hasMessageContaining("line 1")
                .extracting(e -> ((PenstockException) e).code().code())
                .isEqualTo("content.unsupported");
    }

    @Test
    void shouldRefuseJsonWithMoreBehindItsEnd() {
        assertThatThrownBy(() -> json("{\"a\": 1} {\"b\": 2}"))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("something follows");
    }

    @Test
    void shouldRefuseJsonWhoseLinesAreTooLong() {
        String name = "n".repeat(1_000);
        assertThatThrownBy(() -> json("{\"" + name + "\":[" + "1,".repeat(1_000_000) + "1]}"))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("more than 100000 characters")
                .extracting(e -> ((PenstockException) e).code().code())
                .isEqualTo("record.too-large");
    }

    @Test
    void shouldTakeTheTextOfJsonWhoseLinesWouldBeTooLong() {
        assertThat(json("{\"" + "n".repeat(40_000) + "\":[1,2,3],\"text\":\"The text.\"}")
                        .text())
                .isEqualTo("The text.");
    }

    @Test
    void shouldListOnlyTheOutermostTitleAndTextAsSuch() {
        ExtractedText extracted = json("{\"a\":{\"title\":\"T\",\"text\":\"x\"},\"b\":[]}");

        assertThat(extracted.title()).isNull();
        assertThat(extracted.text()).isEqualTo("a.title: T\na.text: x");
        assertThat(json("  ").text()).isEmpty();
    }

    @Test
    void shouldRefuseOtherTypes() {
        assertThatThrownBy(() -> extract(new byte[] {1}, "image/png"))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("'image/png'");
        assertThatThrownBy(() -> extract(new byte[] {0, 1, 2, 3}, "application/octet-stream"))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("'application/octet-stream'");
    }

    @Test
    void shouldLetTheContentDecideWhenTheTypeIsMissingOrWrong() {
        String page = "<!-- x --><!DOCTYPE html><title>T</title><p>Words of a page</p>";

        assertThat(text(page.getBytes(UTF_8), "application/octet-stream")).isEqualTo("Words of a page");
        assertThat(text(page.getBytes(UTF_8), "text/plain; charset=utf-8")).isEqualTo("Words of a page");
        assertThat(text(page.getBytes(UTF_8), "application/json")).isEqualTo("Words of a page");
        assertThat(text(page.getBytes(UTF_8), "application/pdf")).isEqualTo("Words of a page");
        assertThat(text("Only words".getBytes(UTF_8), "application/octet-stream"))
                .isEqualTo("Only words");
        assertThat(text("Only words".getBytes(UTF_8), "application/pdf")).isEqualTo("Only words");
        assertThat(extract("{\"text\":\"of JSON\"}".getBytes(UTF_8), "", "http://h/a.json?x=y.pdf")
                        .text())
                .isEqualTo("of JSON");
        assertThat(text("# Not a page: <html>".getBytes(UTF_8), "text/markdown"))
                .isEqualTo("# Not a page: <html>");
    }

    @Test
    void shouldTellAlphabetsApartWhereNobodySaysWhichItIs() {
        String russian = "Комитет решил сохранить ставку без изменений до следующего заседания в сентябре.";
        String japanese = "委員会は、次回の会合まで金利を据え置くことを決定しました。景気は緩やかに回復しています。";

        assertThat(text(russian.getBytes(Charset.forName("windows-1251")), "text/plain"))
                .isEqualTo(russian);
        assertThat(text(japanese.getBytes(Charset.forName("Shift_JIS")), "text/plain"))
                .isEqualTo(japanese);
        assertThat(text(("<p>" + russian).getBytes(Charset.forName("KOI8-R")), "text/html"))
                .isEqualTo(russian);
        String german = "Größere Schäden, für die Übergänge müßten Ämter über Öl und Äpfel höhere Gebühren fördern.";
        assertThat(text(german.getBytes(Charset.forName("windows-1252")), "text/plain"))
                .isEqualTo(german);
    }

    @Test
    void shouldTakeWhatAPageSaysAboutItself() {
        ExtractedText extracted = html("""
                <html lang="en-GB"><head><title>T</title><meta name="author" content="Ada Brown">
                <meta property="article:author" content="Ben\nCole"><meta property="article:author" content="https://x.example/ben">
                <meta property="article:published_time" content="2024-03-01T10:00:00Z"></head>
                <body><p>Text <time itemprop="dateModified" datetime="2024-04-02">in April</time></p></body></html>
                """);

        assertThat(extracted.attributes())
                .containsOnly(
                        Map.entry("authors", "Ada Brown; Ben Cole"),
                        Map.entry("created_at", "2024-03-01T10:00:00Z"),
                        Map.entry("changed_at", "2024-04-02"),
                        Map.entry("document_language", "en-GB"));
    }

    private ExtractedText extract(byte[] bytes, String type) {
        return extract(bytes, type, "");
    }

    private ExtractedText extract(byte[] bytes, String type, String uri) {
        try {
            return extractor.extract(bytes, type, uri);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private ExtractedText html(String page) {
        return extract(page.getBytes(UTF_8), "text/html; charset=utf-8");
    }

    private ExtractedText json(String json) {
        return extract(json.getBytes(UTF_8), "application/json");
    }

    private @Nullable String markdownTitle(String text) {
        return extract(text.getBytes(UTF_8), "text/markdown").title();
    }

    private String text(byte[] bytes, String type) {
        return extract(bytes, type).text();
    }
}
