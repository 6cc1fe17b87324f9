package io.penstock.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentCharsetTest {
    private static final String FRENCH = "L'été dernier, les pêcheurs ont trouvé la côte déserte à Noël.";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text/plain                            | UTF-8        | utf-8
            text/plain; charset=iso-8859-1        | UTF-8        | utf-8
            text/plain; charset=utf-8             | ISO-8859-1   | windows-1252
            text/plain; charset=us-ascii          | ISO-8859-1   | windows-1252
            text/plain; charset=nonsense          | UTF-8        | utf-8
            text/plain                            | windows-1252 | windows-1252
            text/plain                            | UTF-16       | utf-16
            text/plain                            | UTF-16LE     | utf-16le
            text/plain                            | UTF-16BE     | utf-16be
            """)
    void shouldFindTheCharsetWhereItIsAbsentOrWrong(String contentType, String really, String expected) {
        byte[] content = FRENCH.getBytes(Charset.forName(really));

        assertThat(ContentCharset.settled(contentType, content)).isEqualTo("text/plain; charset=" + expected);
        assertThat(ContentCharset.decode(content, contentType)).isEqualTo(FRENCH);
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain; charset=iso-8859-1",
        "text/plain; charset=ISO-8859-15",
        "text/plain; charset=\"windows-1252\"",
    })
    void shouldBelieveWhatIsDeclaredIfTheBytesCanBeReadByIt(String contentType) {
        assertThat(ContentCharset.settled(contentType, FRENCH.getBytes(ISO_8859_1)))
                .isEqualTo(contentType);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            windows-1251 | Прошлым летом рыбаки нашли берег пустым, и никто не знал, куда ушли все корабли.
            Shift_JIS    | 昨年の夏、漁師たちは海岸が無人であることに気づきました。誰も船がどこへ行ったのか知りませんでした。
            EUC-KR       | 지난 여름 어부들은 해안이 텅 비어 있는 것을 발견했고 배들이 어디로 갔는지 아무도 몰랐습니다.
            Big5         | 去年夏天漁民發現海岸空無一人，沒有人知道所有的船都去了哪裡。
            """)
    void shouldJudgeBytesThatNothingIsSaidAbout(String really, String text) {
        assertThat(ContentCharset.decode(text.getBytes(Charset.forName(really)), "text/plain"))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text/html       | <html><head><meta charset="koi8-r"></head>
            text/html       | <meta http-equiv='Content-Type' content='text/html; charset=koi8-r'>
            application/xml | <?xml version="1.0" encoding="koi8-r"?>
            """)
    void shouldLookIntoHtmlAndXml(String contentType, String head) {
        String text = head + "<p>Берег пуст</p>";

        assertThat(ContentCharset.decode(text.getBytes(Charset.forName("koi8-r")), contentType))
                .isEqualTo(text);
        assertThat(ContentCharset.settled(contentType, text.getBytes(Charset.forName("koi8-r"))))
                .isEqualTo(contentType + "; charset=koi8-r");
    }

    @Test
    void shouldReadWindowsCharactersInWhatIsCalledLatin1() {
        byte[] content = "“quoted” – yes".getBytes(Charset.forName("windows-1252"));

        assertThat(ContentCharset.decode(content, "text/plain; charset=iso-8859-1"))
                .isEqualTo("“quoted” – yes");
    }

    @Test
    void shouldForgiveAFewBrokenPlacesInUtf8() {
        byte[] content = (FRENCH + FRENCH).getBytes(UTF_8);
        byte[] cut = Arrays.copyOfRange(content, 0, content.length);
        cut[cut.length - 1] = (byte) 0xc3;

        assertThat(ContentCharset.settled("text/plain", cut)).isEqualTo("text/plain; charset=utf-8");
    }

    @Test
    void shouldLeaveOtherContentAlone() {
        assertThat(ContentCharset.settled("application/pdf", FRENCH.getBytes(UTF_16LE)))
                .isEqualTo("application/pdf");
        assertThat(ContentCharset.settled("text/html", "<p>plain".getBytes(UTF_8)))
                .isEqualTo("text/html");
        assertThat(ContentCharset.settled("text/csv", "a;b".getBytes(UTF_8))).isEqualTo("text/csv; charset=utf-8");
    }

    @Test
    void shouldDropTheByteOrderMark() {
        assertThat(ContentCharset.decode("\uFEFF{}".getBytes(UTF_8), null)).isEqualTo("{}");
        assertThat(ContentCharset.decode("\uFEFF{}".getBytes(UTF_16LE), null)).isEqualTo("{}");
    }
}
