package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(SharedBroker.class)
class RegistryApiTest {
    private static final String SCHEMA = "{\"schema\": \"{\\\"type\\\": \\\"string\\\"}\"}";

    private final EmbeddedRegistry registry;
    private final RegistryApi api;

    RegistryApiTest(EmbeddedBroker broker) {
        KafkaSettings settings = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        try (Admin admin = Admin.create(settings.admin())) {
            new KafkaProvisioner(admin, (short) 1).ensure(List.of(FixedTopics.schemas()));
        }
        registry = EmbeddedRegistry.start(settings);
        api = new RegistryApi(() -> registry);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void shouldAnswerInConfluentsShapes() {
        String id = call("POST", "/subjects/api/versions", SCHEMA).json().replaceAll("\\D", "");
        String version = "{\"subject\":\"api\",\"version\":1,\"id\":" + id + ",\"schema\":\"\\\"string\\\"\"}";

        assertAnswer("GET", "", null, 200, "{}");
        assertAnswer("GET", "/subjects?subjectPrefix=api", null, 200, "[\"api\"]");
        assertAnswer("GET", "/subjects/api/versions", null, 200, "[1]");
        assertAnswer("GET", "/subjects/api/versions/1", null, 200, version);
        assertAnswer("GET", "/subjects/api/versions/latest", null, 200, version);
        assertAnswer("GET", "/subjects/api/versions/-1/schema", null, 200, "\"string\"");
        assertAnswer("POST", "/subjects/api", SCHEMA, 200, version);
        assertAnswer("GET", "/schemas/ids/" + id, null, 200, "{\"schema\":\"\\\"string\\\"\"}");
        assertThat(call("GET", "/schemas/ids/" + id + "/subjects", null).json()).contains("\"api\"");
        assertThat(call("GET", "/schemas/ids/" + id + "/versions", null).json()).contains("\"version\":1");
        assertAnswer("GET", "/schemas/types", null, 200, "[\"AVRO\"]");
        assertAnswer("GET", "/config", null, 200, "{\"compatibilityLevel\":\"BACKWARD\"}");
        assertAnswer("GET", "/config/api?defaultToGlobal=true", null, 200, "{\"compatibilityLevel\":\"BACKWARD\"}");
        assertAnswer("PUT", "/config/api", "{\"compatibility\":\"full\"}", 200, "{\"compatibility\":\"FULL\"}");
        assertAnswer("GET", "/config/api", null, 200, "{\"compatibilityLevel\":\"FULL\"}");
        assertAnswer("GET", "/mode", null, 200, "{\"mode\":\"READWRITE\"}");
        assertAnswer(
                "POST",
                "/compatibility/subjects/api/versions/latest",
                "{\"schema\": \"{\\\"type\\\": \\\"int\\\"}\"}",
                200,
                "{\"is_compatible\":false}");
        assertAnswer("POST", "/compatibility/subjects/new/versions/latest", SCHEMA, 200, "{\"is_compatible\":true}");
        assertAnswer("DELETE", "/subjects/api/versions/1", null, 200, "1");
        assertAnswer("DELETE", "/subjects/api/versions/1?permanent=true", null, 200, "1");
    }

    @Test
    void shouldKeepSubjectsWithAnyLettersApart() {
        call("POST", "/subjects/raw.a%2Fb%20c+d/versions", SCHEMA);
        assertAnswer("GET", "/subjects?subjectPrefix=raw.a", null, 200, "[\"raw.a/b c+d\"]");
        assertAnswer("DELETE", "/subjects/raw.a%2Fb%20c+d", null, 200, "[1]");
    }

    @Test
    void shouldAnswerErrorsInConfluentsShape() {
        call("POST", "/subjects/errors/versions", SCHEMA);
        assertError("GET", "/subjects/none/versions", null, 404, 40401);
        assertError("GET", "/subjects/errors/versions/7", null, 404, 40402);
        assertError("GET", "/subjects/errors/versions/zero", null, 422, 42202);
        assertError("GET", "/schemas/ids/987654", null, 404, 40403);
        assertError("GET", "/schemas/ids/x", null, 404, 404);
        assertError("POST", "/subjects/errors", "{\"schema\": \"\\\"long\\\"\"}", 404, 40403);
        assertError("POST", "/subjects/errors/versions", "{\"schema\": \"\\\"long\\\"\"}", 409, 409);
        assertError(
                "POST", "/subjects/errors/versions", "{\"schema\": \"{\\\"type\\\": \\\"nonsense\\\"}\"}", 422, 42201);
        assertError("POST", "/subjects/errors/versions", "{\"schema\": \"{\"}", 422, 42201);
        assertError("POST", "/subjects/errors/versions", "{\"schema\": \"\"}", 422, 42201);
        assertError("POST", "/subjects/errors/versions", "{}", 422, 42201);
        assertError("POST", "/subjects/errors/versions", "{\"schema\":\"x\",\"schemaType\":\"JSON\"}", 422, 42201);
        assertError("POST", "/subjects/errors/versions", "{\"schema\":\"x\",\"references\":[{}]}", 422, 42201);
        assertError("POST", "/subjects/errors/versions", "[]", 422, 422);
        assertError("POST", "/subjects/errors/versions", "{nonsense", 400, 400);
        assertError("GET", "/config/errors", null, 404, 40408);
        assertError("PUT", "/config", "{\"compatibility\":\"SIDEWAYS\"}", 422, 42203);
        assertError("DELETE", "/subjects/errors?permanent=true", null, 404, 40405);
        assertError("DELETE", "/subjects/errors/versions/1?permanent=true", null, 404, 40407);
        assertError("PUT", "/subjects/errors", "{}", 405, 405);
        assertError("GET", "/nonsense", null, 404, 404);
        assertError("GET", "/subjects/%zz/versions", null, 400, 400);
    }

    @Test
    void shouldAnswer503UntilThereIsARegistry() {
        RegistryApi early = new RegistryApi(() -> {
            throw new PenstockException(ErrorCode.NOT_READY, "The registry is starting.");
        });
        RegistryApi.Answer answer = early.handle("GET", "/subjects", null, null);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json()).isEqualTo("{\"error_code\":503,\"message\":\"The registry is starting.\"}");
    }

    private void assertAnswer(String method, String target, @Nullable String body, int status, String json) {
        RegistryApi.Answer answer = call(method, target, body);
        assertThat(answer.json()).as(method + " " + target).isEqualTo(json);
        assertThat(answer.status()).isEqualTo(status);
    }

    private void assertError(String method, String target, @Nullable String body, int status, int code) {
        RegistryApi.Answer answer = call(method, target, body);
        assertThat(answer.json())
                .as(method + " " + target + " " + body)
                .startsWith("{\"error_code\":" + code + ",\"message\":\"");
        assertThat(answer.status()).isEqualTo(status);
    }

    private RegistryApi.Answer call(String method, String target, @Nullable String body) {
        int question = target.indexOf('?');
        return question < 0
                ? api.handle(method, target, null, body)
                : api.handle(method, target.substring(0, question), target.substring(question + 1), body);
    }
}
