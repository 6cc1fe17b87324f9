package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.PenstockException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TextExtractorTest {
    private static final int MAX_CHARACTERS = 100_000;

    private final TextExtractor extractor = new TextExtractor(MAX_CHARACTERS);

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
        ExtractedText extracted = extractor.extract(
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
        assertThat(extractor
                        .extract("# The title #\n\nText".getBytes(UTF_8), "text/markdown")
                        .title())
                .isEqualTo("The title");
        assertThat(extractor
                        .extract("Text\n# Later".getBytes(UTF_8), "text/markdown")
                        .title())
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
        assertThatThrownBy(() -> extractor.extract(new byte[] {1}, "application/pdf"))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("'application/pdf'");
    }

    private ExtractedText html(String page) {
        return extractor.extract(page.getBytes(UTF_8), "text/html; charset=utf-8");
    }

    private ExtractedText json(String json) {
        return extractor.extract(json.getBytes(UTF_8), "application/json");
    }

    private @Nullable String markdownTitle(String text) {
        return extractor.extract(text.getBytes(UTF_8), "text/markdown").title();
    }

    private String text(byte[] bytes, String type) {
        return extractor.extract(bytes, type).text();
    }
}
