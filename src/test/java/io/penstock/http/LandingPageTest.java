package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LandingPageTest {
    private static final String EVIL = "<script>alert('x')</script>\"&";

    @Test
    void shouldEscapeWhateverItShows() {
        String page = LandingPage.html(EVIL, Map.of(EVIL, EVIL), EVIL, EVIL);

        assertThat(page)
                .doesNotContain("<script")
                .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;");
    }

    @Test
    void shouldAllowItsOwnStyleAndNothingElse() throws Exception {
        Matcher style = Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL)
                .matcher(LandingPage.html("ready", Map.of(), "http://localhost", "Here."));
        assertThat(style.find()).isTrue();
        String hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256")
                        .digest(style.group(1).getBytes(UTF_8)));

        assertThat(LandingPage.POLICY).contains("default-src 'none'", "style-src 'sha256-" + hash + "'");
    }

    @Test
    void shouldMarkWhatDoesNotRun() {
        String page = LandingPage.html("not ready", Map.of("capture", "FAILED"), "http://localhost", "Here.");

        assertThat(page).contains("<td>capture</td><td class=\"bad\">FAILED</td>");
    }

    @Test
    void shouldNameTheAddressThatWasUsed() {
        assertThat(LandingResource.url("penstock.example.org:8443")).isEqualTo("http://penstock.example.org:8443");
        assertThat(LandingResource.url("[::1]:8080")).isEqualTo("http://[::1]:8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a'; rm -rf /", "<b>", "host:port", "$(id)"})
    void shouldNameItsUsualAddressForAHostThatIsNone(String host) {
        assertThat(LandingResource.url(host)).isEqualTo("http://127.0.0.1:8080");
    }
}
