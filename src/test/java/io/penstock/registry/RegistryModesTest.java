package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Modes, imports with ids from elsewhere, soft deletion and what lists show of it. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
class RegistryModesTest {
    private static final String FIRST =
            schema("{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"M\\\",\\\"fields\\\":[]}");
    private static final String SECOND = schema(
            "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"M\\\",\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"int\\\",\\\"default\\\":0}]}");

    private final EmbeddedRegistry registry;
    private final RegistryApi api;

    RegistryModesTest(EmbeddedBroker broker) {
        registry = EmbeddedRegistry.start(RegistryFixture.settings(broker));
        api = new RegistryApi(() -> registry);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void shouldWriteNothingUnderASubjectThatIsReadOnly() {
        assertAnswer("POST", "/subjects/read-only/versions", FIRST, "{\"id\":");
        assertAnswer("GET", "/mode/read-only", null, "{\"error_code\":40409");
        assertAnswer("GET", "/mode/read-only?defaultToGlobal=true", null, "{\"mode\":\"READWRITE\"}");
        assertAnswer("PUT", "/mode/read-only", "{\"mode\":\"readonly\"}", "{\"mode\":\"READONLY\"}");

        assertAnswer("POST", "/subjects/read-only/versions", SECOND, "{\"error_code\":42205");
        assertAnswer("DELETE", "/subjects/read-only", null, "{\"error_code\":42205");
        assertAnswer("PUT", "/config/read-only", "{\"compatibility\":\"NONE\"}", "{\"error_code\":42205");
        assertAnswer("POST", "/subjects/read-only/versions", FIRST, "{\"id\":");

        assertAnswer("DELETE", "/mode/read-only", null, "{\"mode\":\"READONLY\"}");
        assertAnswer("DELETE", "/mode/read-only", null, "{\"error_code\":40401");
        assertAnswer("POST", "/subjects/read-only/versions", SECOND, "{\"id\":");
        assertAnswer("PUT", "/mode/read-only", "{\"mode\":\"SIDEWAYS\"}", "{\"error_code\":42204");
    }

    @Test
    void shouldTakeIdsAndVersionsFromElsewhereInImportModeOnly() {
        String imported = FIRST.replace("}\"}", "}\",\"id\":77001,\"version\":3}");
        assertAnswer("POST", "/subjects/import/versions", imported, "{\"error_code\":42205");
        assertAnswer("PUT", "/mode/import", "{\"mode\":\"IMPORT\"}", "{\"mode\":\"IMPORT\"}");

        assertAnswer("POST", "/subjects/import/versions", SECOND, "{\"error_code\":42205");
        assertAnswer("POST", "/subjects/import/versions", imported, "{\"id\":77001}");
        assertAnswer("POST", "/subjects/import/versions", imported, "{\"id\":77001}");
        assertAnswer("POST", "/subjects/import/versions", imported.replace("77001", "77002"), "{\"error_code\":42207");
        assertAnswer(
                "POST",
                "/subjects/import/versions",
                SECOND.replace("}\"}", "}\",\"id\":77001,\"version\":4}"),
                "{\"error_code\":42205");
        assertAnswer(
                "POST",
                "/subjects/import/versions",
                SECOND.replace("}\"}", "}\",\"id\":77005,\"version\":3}"),
                "{\"error_code\":42205");
        assertAnswer("GET", "/subjects/import/versions", null, "[3]");

        assertAnswer("DELETE", "/mode/import", null, "{\"mode\":\"IMPORT\"}");
        assertAnswer("POST", "/subjects/import/versions", SECOND, "{\"id\":");
        assertAnswer("GET", "/subjects/import/versions", null, "[3,4]");
        assertAnswer("PUT", "/mode/import", "{\"mode\":\"IMPORT\"}", "{\"error_code\":42205");
        assertAnswer("PUT", "/mode/import?force=true", "{\"mode\":\"IMPORT\"}", "{\"mode\":\"IMPORT\"}");
    }

    @Test
    void shouldForgetWhatWasSoftlyDeletedWhenASubjectIsImported() {
        assertAnswer("POST", "/subjects/cleared/versions", FIRST, "{\"id\":");
        assertAnswer("DELETE", "/subjects/cleared", null, "[1]");
        assertAnswer("GET", "/subjects/cleared/versions?deleted=true", null, "[1]");

        assertAnswer("PUT", "/mode/cleared", "{\"mode\":\"IMPORT\"}", "{\"mode\":\"IMPORT\"}");
        assertAnswer("GET", "/subjects/cleared/versions?deleted=true", null, "{\"error_code\":40401");
    }

    @Test
    void shouldShowDeletedVersionsOnlyToWhomAsksForThem() {
        assertAnswer("POST", "/subjects/shown/versions", FIRST, "{\"id\":");
        assertAnswer("POST", "/subjects/shown/versions", SECOND, "{\"id\":");
        assertAnswer("DELETE", "/subjects/shown/versions/1", null, "1");

        assertAnswer("GET", "/subjects/shown/versions", null, "[2]");
        assertAnswer("GET", "/subjects/shown/versions?deleted=true", null, "[1,2]");
        assertAnswer("GET", "/subjects/shown/versions?deletedOnly=true", null, "[1]");
        assertAnswer("GET", "/subjects/shown/versions/1", null, "{\"error_code\":40402");
        assertAnswer("GET", "/subjects/shown/versions/1?deleted=true", null, "{\"subject\":\"shown\",\"version\":1,");
        assertAnswer("POST", "/subjects/shown", FIRST, "{\"error_code\":40403");
        assertAnswer("POST", "/subjects/shown?deleted=true", FIRST, "{\"subject\":\"shown\",\"version\":1,");
        assertAnswer("DELETE", "/subjects/shown/versions/1", null, "{\"error_code\":40406");
        assertAnswer("DELETE", "/subjects/shown/versions/2?permanent=true", null, "{\"error_code\":40407");
        assertAnswer("DELETE", "/subjects/shown", null, "[2]");
        assertAnswer("DELETE", "/subjects/shown", null, "{\"error_code\":40404");
        assertAnswer("GET", "/subjects?subjectPrefix=shown", null, "[]");
        assertAnswer("GET", "/subjects?subjectPrefix=:*:shown&deleted=true", null, "[\"shown\"]");
        assertAnswer("GET", "/subjects?subjectPrefix=shown&deletedOnly=true", null, "[\"shown\"]");
        assertAnswer("DELETE", "/subjects/shown?permanent=true", null, "[1,2]");
    }

    @Test
    void shouldPageAndFilterLists() {
        for (String subject : new String[] {"page-a", "page-b", "page-c"}) {
            assertAnswer("POST", "/subjects/" + subject + "/versions", FIRST, "{\"id\":");
            assertAnswer("POST", "/subjects/" + subject + "/versions", SECOND, "{\"id\":");
        }
        assertAnswer("GET", "/subjects?subjectPrefix=page-&offset=1&limit=1", null, "[\"page-b\"]");
        assertThat(call("GET", "/schemas?subjectPrefix=page-", null).json().split("\"version\"", -1))
                .hasSize(7);
        assertThat(call("GET", "/schemas?subjectPrefix=page-&latestOnly=true", null)
                        .json())
                .contains("\"version\":2")
                .doesNotContain("\"version\":1");
        assertAnswer("GET", "/schemas?limit=x", null, "{\"error_code\":422,");
    }

    @Test
    void shouldTakeSchemasInAnotherOrderForTheSameWhenTheyAreNormalised() {
        String one = schema(
                "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"N\\\",\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"int\\\",\\\"x\\\":1,\\\"b\\\":2}]}");
        String other = one.replace("\\\"x\\\":1,\\\"b\\\":2", "\\\"b\\\":2,\\\"x\\\":1");
        assertAnswer("POST", "/subjects/normal/versions", one, "{\"id\":");

        assertAnswer("POST", "/subjects/normal", other, "{\"error_code\":40403");
        assertAnswer("POST", "/subjects/normal?normalize=true", other, "{\"subject\":\"normal\",\"version\":1,");
        assertAnswer("PUT", "/config/normal", "{\"normalize\":true}", "{\"normalize\":true}");
        assertAnswer("GET", "/config/normal", null, "{\"compatibilityLevel\":\"BACKWARD\",\"normalize\":true}");
        assertAnswer("POST", "/subjects/normal/versions", other, "{\"id\":");
        assertAnswer("GET", "/subjects/normal/versions", null, "[1]");
        assertAnswer("PUT", "/config/normal", "{\"alias\":\"x\"}", "{\"error_code\":422,");
        assertAnswer("DELETE", "/config/normal", null, "{\"compatibilityLevel\":\"BACKWARD\",\"normalize\":true}");
        assertAnswer("DELETE", "/config/normal", null, "{\"error_code\":40401");
    }

    @Test
    void shouldKeepMetadataAndFindVersionsByIt() {
        String labelled = FIRST.replace("}\"}", "}\",\"metadata\":{\"properties\":{\"owner\":\"ops\"}}}");
        assertAnswer("POST", "/subjects/labelled/versions", labelled, "{\"id\":");

        assertThat(call("GET", "/subjects/labelled/metadata?key=owner&value=ops", null)
                        .json())
                .contains("\"version\":1", "\"metadata\":{\"properties\":{\"owner\":\"ops\"}}");
        assertAnswer("GET", "/subjects/labelled/metadata?key=owner&value=dev", null, "{\"error_code\":40403");
        assertAnswer("GET", "/subjects/labelled/metadata?key=owner", null, "{\"error_code\":422,");
    }

    @Test
    void shouldRefuseSubjectsThatAreNone() {
        for (String subject : new String[] {"%00", "a%0Ab", "__GLOBAL", "%20", ":.other:name"}) {
            assertAnswer("POST", "/subjects/" + subject + "/versions", FIRST, "{\"error_code\":42208");
        }
        assertAnswer("POST", "/subjects/:.:in-default/versions", FIRST, "{\"id\":");
        assertAnswer("GET", "/subjects/in-default/versions", null, "[1]");
    }

    @Test
    void shouldAnswerAnyNonsenseWithAnErrorOfTheCaller() {
        String deep = "[".repeat(5_000) + "]".repeat(5_000);
        String deepType = "{\\\"type\\\":\\\"array\\\",\\\"items\\\":".repeat(900) + "\\\"int\\\"" + "}".repeat(900);
        String[] bodies = {
            "",
            "null",
            "\"x\"",
            "{\"schema\":1}",
            "{\"schema\":{}}",
            "{\"schema\":null}",
            "{\"schema\":\"\\ud800\"}",
            "{\"schema\":\"\\\"string\\\"\",\"metadata\":7}",
            "{\"schema\":\"\\\"string\\\"\",\"id\":\"x\"}",
            "{\"schema\":\"\\\"string\\\"\",\"id\":99999999999}",
            "{\"schema\":\"\\\"string\\\"\",\"references\":[1]}",
            "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":{}}\"}",
            "{\"schema\":\"{\\\"type\\\":\\\"enum\\\",\\\"name\\\":\\\"E\\\",\\\"symbols\\\":[1]}\"}",
            "{\"schema\":\"{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"F\\\",\\\"size\\\":-1}\"}",
            "{\"schema\":\"[\\\"int\\\",\\\"int\\\"]\"}",
            "{\"schema\":\"[[\\\"int\\\"]]\"}",
            deep,
            "{\"schema\":\"" + deep + "\"}",
            "{\"schema\":\"" + deepType.replace("900", "") + "x\"}"
        };
        for (String body : bodies) {
            for (String target : new String[] {
                "/subjects/nonsense/versions",
                "/subjects/nonsense",
                "/compatibility/subjects/nonsense/versions",
                "/compatibility/subjects/nonsense/versions/latest?verbose=true"
            }) {
                RegistryApi.Answer answer = call("POST", target, body);
                assertThat(answer.status())
                        .as(target + " " + body.substring(0, Math.min(200, body.length())) + ": " + answer.json())
                        .isBetween(400, 499);
                assertThat(answer.json()).startsWith("{\"error_code\":4").hasSizeLessThan(2_000);
            }
            for (String target : new String[] {"/config", "/config/nonsense", "/mode", "/mode/nonsense"}) {
                assertThat(call("PUT", target, body).status())
                        .as(target + " " + body.substring(0, Math.min(200, body.length())))
                        .isBetween(400, 499);
            }
        }
    }

    private static String schema(String escaped) {
        return "{\"schema\":\"" + escaped + "\"}";
    }

    private void assertAnswer(String method, String target, @Nullable String body, String start) {
        assertThat(call(method, target, body).json())
                .as(method + " " + target + " " + body)
                .startsWith(start);
    }

    private RegistryApi.Answer call(String method, String target, @Nullable String body) {
        String[] parts = target.split("\\?", 2);
        return api.handle(method, parts[0], parts.length > 1 ? parts[1] : null, body);
    }
}
