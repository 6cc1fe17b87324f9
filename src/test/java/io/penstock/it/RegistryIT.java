package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The embedded registry as HTTP shows it: who may, in which media types, and what becomes of odd requests. */
@Timeout(60)
@ExtendWith(SharedPenstock.class)
class RegistryIT {
    private static final String SCHEMA = "{\"schema\":\"\\\"string\\\"\"}";

    private final Api api;

    RegistryIT(PenstockProcess penstock) {
        this.api = penstock.api();
    }

    @Test
    void shouldTakeTheKeyAsAPasswordAndRefuseToWriteWithoutIt() {
        String basic = Base64.getEncoder().encodeToString(("anybody:" + api.key()).getBytes(UTF_8));
        String path = "/registry/subjects/http%2Fbasic/versions";

        assertThat(api.send(api.request(path).POST(BodyPublishers.ofString(SCHEMA)))
                        .status())
                .isEqualTo(401);
        assertThat(api.send(api.request(path)
                                .header("Authorization", "Basic " + basic)
                                .POST(BodyPublishers.ofString(SCHEMA)))
                        .status())
                .isEqualTo(200);
        assertThat(api.send(api.request(path).GET()).body().toString()).isEqualTo("[1]");
        assertThat(api.get("/registry/subjects?subjectPrefix=http%2F").body().toString())
                .isEqualTo("[\"http/basic\"]");
    }

    @Test
    void shouldSpeakConfluentsMediaTypes() {
        for (String type : List.of(
                "application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json")) {
            Answer answer = api.send(api.request("/registry/subjects/http-media/versions")
                    .setHeader("Content-Type", type)
                    .header("Accept", type + "; q=0.9")
                    .header("X-API-Key", api.key())
                    .POST(BodyPublishers.ofString(SCHEMA)));
            assertThat(answer.status()).as(type + ": " + answer.body()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith(type);
        }
        Answer any = api.send(api.request("/registry/schemas/types")
                .header("Accept", "application/vnd.schemaregistry.v1+json, application/json; q=0.5, */*; q=0.1")
                .GET());
        assertThat(any.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/vnd.schemaregistry.v1+json");
    }

    @Test
    void shouldAnswerOddRequestsWithAnErrorOfTheCaller() {
        Answer notUtf8 = api.send(api.request("/registry/subjects/http-odd/versions")
                .header("X-API-Key", api.key())
                .POST(BodyPublishers.ofByteArray(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'})));
        assertThat(notUtf8.status()).isEqualTo(400);
        assertThat(notUtf8.body().get("error_code").intValue()).isEqualTo(400);
        for (String path : List.of(
                "/registry/subjects/%FF%FE/versions",
                "/registry/subjects/" + "x".repeat(3_000) + "/versions/latest",
                "/registry/schemas/ids/99999999999999999999",
                "/registry/schemas/ids/-5",
                "/registry/subjects/a/versions/1e9",
                "/registry/subjects//versions",
                "/registry/nonsense/%2e%2e/x",
                "/registry/schemas?offset=-3&limit=99999999999")) {
            assertThat(api.get(path).status()).as(path).isBetween(400, 499);
            assertThat(api.delete(path).status()).as(path).isBetween(400, 499);
            assertThat(api.put(path, "{").status()).as(path).isBetween(400, 499);
        }
    }
}
