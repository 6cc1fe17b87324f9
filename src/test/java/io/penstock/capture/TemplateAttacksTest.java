package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.schema.DataEntry;
import io.penstock.schema.SourceConfig;
import io.penstock.stage.CallException;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of a data list that try to become more than a value of the request they are filled into. */
class TemplateAttacksTest {
    @Attack("value-climbs-in-the-path")
    @ParameterizedTest
    @ValueSource(strings = {"..", "."})
    void shouldNotClimb(String value) {
        assertRefused(Requests.http("https://public.example/open/{value}/list", value));
    }

    @Attack("encoded-dots-in-the-path")
    @ParameterizedTest
    @ValueSource(strings = {"%2e%2e", ".%2E", "%2e"})
    void shouldRefuseEncodedDotsOfATemplate(String dots) {
        assertRefused(Requests.http("https://public.example/open/" + dots + "/{value}", "x"));
    }

    @Attack("value-leaves-its-segment")
    @ParameterizedTest
    @ValueSource(strings = {"../admin", "a/../../admin", "a?x=1", "a#x", "a;x", "a\\..\\b", "%2e%2e%2fadmin"})
    void shouldStayInItsPartOfThePath(String value) throws Exception {
        URI uri = uri("https://public.example/open/{value}/list", value);

        assertThat(uri.getRawPath().split("/", -1)).hasSize(4);
        assertThat(uri.getRawPath()).startsWith("/open/").endsWith("/list");
        assertThat(uri.getRawQuery()).isNull();
        assertThat(uri.getRawFragment()).isNull();
    }

    @Attack("value-adds-a-parameter")
    @ParameterizedTest
    @ValueSource(strings = {"a&admin=1", "a;admin=1", "a#", "a=b&c", "a+b", "a\r\nb"})
    void shouldStayInItsParameter(String value) throws Exception {
        assertThat(uri("https://public.example/list?q={value}&page=1", value).getRawQuery())
                .matches("q=[A-Za-z0-9%._~-]*&page=1");
    }

    @Attack("value-changes-the-host")
    @ParameterizedTest
    @ValueSource(
            strings = {"x@169.254.169.254", "169.254.169.254/", "evil.example:80", "evil.example#", "evil.example\\"})
    void shouldNotBecomeAnotherHost(String value) {
        try (AttackRig rig = new AttackRig()) {
            assertThat(rig.failure(Requests.http("http://{value}.public.example/", value)))
                    .isEqualTo("capture.refused");
        }
    }

    @Attack("line-break-in-a-header")
    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Admin: yes", "a\nX-Admin: yes", "a\rb", "a\0b", "a\u0085b"})
    void shouldNotBreakTheLineOfAHeader(String value) {
        assertRefused(header("X-Value", "{value}", value));
    }

    @Attack("wide-line-break-in-a-header")
    @ParameterizedTest
    @ValueSource(strings = {"a\u560d\u560aX-Admin: yes", "a\u2028b", "a\u010ab"})
    void shouldNotBreakTheLineByCharactersThatAreCutShort(String value) {
        assertRefused(header("X-Value", "{value}", value));
    }

    @Attack("line-break-in-a-header-name")
    @ParameterizedTest
    @ValueSource(strings = {"X: a\r\nX-Admin", "X Admin", "X:", "", "X\0"})
    void shouldRefuseNamesThatAreNone(String name) {
        assertRefused(header(name, "a", "x"));
    }

    @Attack("headers-that-frame-the-request")
    @ParameterizedTest
    @ValueSource(strings = {"Host", "Content-Length", "transfer-encoding", "Connection", "Upgrade", "Expect", "TE"})
    void shouldRefuseHeadersThatFrameTheRequest(String name) {
        assertRefused(header(name, "a", "x"));
    }

    @Attack("value-ends-a-json-string")
    @ParameterizedTest
    @ValueSource(strings = {"a\", \"admin\": \"b", "a\\", "a\\\", \"admin\": \"b", "a\u0000\n\"b"})
    void shouldStayInItsStringOfJson(String value) throws Exception {
        String body = body("application/json", "{\"a\": \"say \\\"{value}\\\"\", \"q\": \"{value}\", \"n\": 1}", value);

        assertThat(new com.fasterxml.jackson.databind.json.JsonMapper()
                        .readTree(body)
                        .properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("a", "q", "n");
        assertThat(new com.fasterxml.jackson.databind.json.JsonMapper()
                        .readTree(body)
                        .get("q")
                        .textValue())
                .isEqualTo(value);
    }

    @Attack("value-adds-to-json")
    @ParameterizedTest
    @ValueSource(strings = {"1, \"admin\": true", "{}", "\"x\"", "1 ", "", "+1", "NaN", "true}"})
    void shouldBeAScalarWhereJsonHasNoQuotes(String value) throws Exception {
        assertThat(body("application/json", "{\"n\": {value}}", "-1.5e3")).isEqualTo("{\"n\": -1.5e3}");
        assertRefused(post("application/json", "{\"n\": {value}}", value));
    }

    @Attack("value-adds-to-a-form")
    @Test
    void shouldStayInItsFieldOfAForm() throws Exception {
        assertThat(body("application/x-www-form-urlencoded", "q={value}&n=1", "a&admin=1+2"))
                .isEqualTo("q=a%26admin%3D1%2B2&n=1");
    }

    @Attack("value-adds-to-xml")
    @Test
    void shouldStayInItsElementOfXml() throws Exception {
        assertThat(body("application/xml", "<q a='{value}'>{value}</q>", "</q><admin x=\"'\"/>"))
                .doesNotContain("<admin")
                .isEqualTo("<q a='&lt;/q&gt;&lt;admin x=&quot;&apos;&quot;/&gt;'>"
                        + "&lt;/q&gt;&lt;admin x=&quot;&apos;&quot;/&gt;</q>");
    }

    @Attack("value-begins-another-part")
    @Test
    void shouldNotBeginAnotherPartOfABody() {
        assertRefused(post(
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n{value}\r\n--x--\r\n",
                "a\r\n--x\r\nContent-Disposition: form-data; name=\"admin\"\r\n\r\n1"));
    }

    @Attack("value-is-a-placeholder")
    @Test
    void shouldNotFillInWhatWasFilledIn() throws Exception {
        assertThat(body("text/plain", "{value}", "{label}{value}")).isEqualTo("{label}{value}");
        assertThat(body("application/json", "\"{value}\"", "{label}")).isEqualTo("\"{label}\"");
    }

    private static HttpRequests.Outgoing outgoing(CaptureRequest request) throws CallException {
        return HttpRequests.of(request, new SecretsInUse(new Secrets(Set.of(), _ -> null)));
    }

    private static URI uri(String template, String value) throws CallException {
        return outgoing(Requests.http(template, value)).uri();
    }

    private static CaptureRequest header(String name, String template, String value) {
        return new CaptureRequest(
                "p1",
                new DataEntry(value, "label", Map.of()),
                Requests.source("http", "https://public.example/")
                        .setHeaders(Map.of(name, template))
                        .build());
    }

    private static CaptureRequest post(String contentType, String template, String value) {
        SourceConfig config = Requests.source("http", "https://public.example/")
                .setMethod("POST")
                .setHeaders(Map.of("Content-Type", contentType))
                .setBody(template)
                .build();
        return new CaptureRequest("p1", new DataEntry(value, "label", Map.of()), config);
    }

    private static String body(String contentType, String template, String value) throws CallException {
        return String.valueOf(outgoing(post(contentType, template, value)).body());
    }

    private static void assertRefused(CaptureRequest request) {
        CallException failure = catchThrowableOfType(CallException.class, () -> outgoing(request));
        assertThat(failure).as("the request that was made of it").isNotNull();
        assertThat(failure.code()).isEqualTo("capture.refused");
        assertThat(failure.isPermanent()).isTrue();
    }
}
