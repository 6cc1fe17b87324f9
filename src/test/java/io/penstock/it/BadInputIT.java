package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whoever calls wrongly is told what was wrong, by a stable code. */
@Timeout(120)
@ExtendWith(SharedPenstock.class)
class BadInputIT {
    private static final String TOPIC_BODY = "{\"topic\":\"lighthouse\",\"topic_action\":\"create\"}";

    private final Api api;

    BadInputIT(PenstockProcess penstock) {
        this.api = penstock.api();
    }

    @Test
    void shouldNameWhatIsUnknown() {
        assertProblem(
                api.post("/api/collect", "{\"topic\":\"nowhere\",\"segment_targets\":[\"docs\"]}"),
                404,
                "topic.unknown");
        assertProblem(
                api.post("/api/collect", "{\"topic\":\"penstock\",\"segment_targets\":[\"docs\",\"rumours\"]}"),
                404,
                "segment.unknown");
        assertProblem(
                api.post("/api/topic", "{\"topic\":\"nowhere\",\"topic_action\":\"delete\"}"), 404, "topic.unknown");
        assertProblem(
                api.post("/api/segment", "{\"topic\":\"nowhere\",\"segment\":\"docs\",\"segment_action\":\"create\"}"),
                404,
                "topic.unknown");
        assertProblem(
                api.post(
                        "/api/segment",
                        "{\"topic\":\"penstock\",\"segment\":\"rumours\",\"segment_action\":\"delete\"}"),
                404,
                "segment.unknown");
        assertProblem(api.get("/api/topics/penstock/segments/rumours/records"), 404, "segment.unknown");
        assertProblem(api.get("/api/topics/penstock/segments/docs/records/no-such-file"), 404, "key.unknown");
        assertProblem(api.get("/api/runs/no-such-run"), 404, "run.unknown");
        assertProblem(api.get("/api/processors/no-such-processor"), 404, "processor.unknown");
        assertProblem(api.get("/api/search?q=fog&topic=nowhere"), 404, "topic.unknown");
        assertProblem(api.post("/api/chat", "{\"message\":\"hello\",\"topic\":\"nowhere\"}"), 404, "topic.unknown");
        assertProblem(api.get("/api/no-such-path"), 404, "path.unknown");
        assertProblem(
                api.put("/api/schedules/bad", "{\"schedule\":1,\"topic\":\"nowhere\",\"segment_targets\":[\"docs\"]}"),
                404,
                "topic.unknown");
        assertProblem(api.get("/api/schedules/bad"), 404, "schedule.unknown");
    }

    @Test
    void shouldSayWhatASchedulesChangeLacks() {
        assertProblem(api.put("/api/schedules/bad", "{\"enabled\":false}"), 422, "config.invalid");
        String bad = "{\"schedule\":\"0 25 * * *\",\"topic\":\"penstock\",\"segment_targets\":[\"docs\"]}";
        assertThat(api.put("/api/schedules/bad", bad).detail()).contains("hour", "'25'", "0 to 23");

        Answer stored = api.put("/api/schedules/good", bad.replace("25", "23"));

        assertThat(stored.status()).isEqualTo(201);
        assertThat(stored.body().at("/next_run/due").textValue()).endsWith("T23:00:00Z");
        assertThat(stored.body().get("problems")).isEmpty();
        assertThat(api.delete("/api/schedules/good").status()).isEqualTo(204);
    }

    @Test
    void shouldRefuseWhatIsNotTheExpectedJson() {
        for (String body : new String[] {
            "",
            "{",
            "{\"topic\":",
            "[]",
            "null",
            "7",
            "\"text\"",
            "{\"topic\":\"a\"} trailing",
            "{\"topic\":7}",
            "{\"topic\":\"penstock\",\"segment_targets\":\"docs\"}",
            "{\"topic\":\"penstock\",\"segment_targets\":[]}"
        }) {
            assertThat(api.post("/api/collect", body))
                    .as(body)
                    .satisfies(answer -> assertProblem(answer, 400, "body.malformed"));
        }
        assertProblem(
                api.post("/api/topic", "{\"topic\":\"penstock\",\"topic_action\":\"destroy\"}"), 400, "body.malformed");
        assertThat(api.post("/api/chat", "{\n  \"message\": oops\n}").detail()).contains("line 2");
    }

    @Test
    void shouldRefuseIllegalNames() {
        for (String name : new String[] {"Harbour", "a.b", "-a", "alert", "", "a b", "ü", "a".repeat(64)}) {
            assertThat(api.post("/api/topic", "{\"topic\":\"" + name + "\",\"topic_action\":\"create\"}"))
                    .as(name)
                    .satisfies(answer -> assertProblem(answer, 422, "name.invalid"));
        }
        assertProblem(
                api.post("/api/segment", "{\"topic\":\"penstock\",\"segment\":\"a/b\",\"segment_action\":\"create\"}"),
                422,
                "name.invalid");
        assertThat(api.get("/api/catalog").body().get("topics").findValuesAsText("topic"))
                .contains("penstock")
                .doesNotContain("Harbour", "a.b", "alert");
    }

    @Test
    void shouldRefuseABodyAboveOneMebibyte() {
        String large = "{\"message\":\"" + "a".repeat(1024 * 1024) + "\"}";

        assertProblem(api.post("/api/chat", large), 413, "body.too-large");
        // Without a length the body is found too large while it is read.
        assertProblem(
                api.send(api.request("/api/chat")
                        .header("X-API-Key", api.key())
                        .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString(large)))),
                413,
                "body.too-large");
        assertThat(api.get("/api/catalog").status()).isEqualTo(200);
    }

    private Answer withoutKey(String path) {
        return api.send(api.request(path).GET());
    }

    private Answer withWrongKey(String path) {
        return api.send(api.request(path).header("X-API-Key", "wrong").GET());
    }

    private static void assertErrorOfOpenAi(Answer answer, String code) {
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.body().at("/error/code").asText()).isEqualTo(code);
        assertThat(answer.body().at("/error/message").asText()).isNotBlank();
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
    }

    @Test
    void shouldAskForTheKey() {
        for (String path :
                new String[] {"/api/catalog", "/api/runs", "/api/stores", "/api/processors", "/api/topologies"}) {
            Answer missing = withoutKey(path);
            assertThat(missing).as(path).satisfies(answer -> assertProblem(answer, 401, "key.missing"));
            assertThat(missing.headers().firstValue("WWW-Authenticate")).isPresent();
            Answer wrong = withWrongKey(path);
            assertThat(wrong).as(path).satisfies(answer -> assertProblem(answer, 401, "key.wrong"));
            assertThat(wrong.headers().firstValue("WWW-Authenticate")).isPresent();
        }
        assertErrorOfOpenAi(withoutKey("/v1/models"), "key.missing");
        assertErrorOfOpenAi(withWrongKey("/v1/models"), "key.wrong");
        assertProblem(postWithoutKey("/api/chat", "{\"message\":\"hello\"}"), 401, "key.missing");
        assertProblem(postWithoutKey("/registry/subjects/x/versions", "{}"), 401, "key.missing");
        assertProblem(postWithoutKey("/api/topic", TOPIC_BODY), 401, "key.missing");
        assertProblem(postWithoutKey("/api/topic", "{"), 401, "key.missing");
        assertProblem(postWithoutKey("/api/topic", withKey(TOPIC_BODY, "wrong")), 401, "key.wrong");
    }

    @Test
    void shouldServeWithoutTheKeyWhatIsOpen() {
        for (String path : new String[] {
            "/", "/q/health", "/q/health/ready", "/q/health/live", "/q/metrics", "/q/openapi", "/registry/subjects"
        }) {
            assertThat(api.send(api.request(path).GET()).status()).as(path).isEqualTo(200);
        }
    }

    @Test
    void shouldTakeTheKeyWhereverItMayStand() {
        String basic = Base64.getEncoder().encodeToString(("anyone:" + api.key()).getBytes(UTF_8));
        assertThat(catalog("X-API-Key", api.key())).isEqualTo(200);
        assertThat(catalog("Authorization", "Bearer " + api.key())).isEqualTo(200);
        assertThat(catalog("Authorization", "Basic " + basic)).isEqualTo(200);
        assertThat(catalog("Authorization", "Bearer wrong")).isEqualTo(401);

        assertThat(postWithoutKey("/api/topic", withKey(TOPIC_BODY, api.key())).status())
                .isEqualTo(200);
        assertThat(postWithoutKey(
                                "/api/segment",
                                withKey(
                                        "{\"topic\":\"lighthouse\",\"segment\":\"logbook\",\"segment_action\":\"create\"}",
                                        api.key()))
                        .status())
                .isEqualTo(200);
        Answer collected = postWithoutKey(
                "/api/collect", withKey("{\"topic\":\"lighthouse\",\"segment_targets\":[\"logbook\"]}", api.key()));
        assertThat(collected.status()).isEqualTo(202);
        api.ended(collected.body().at("/runs/0/run_id").textValue());
    }

    private int catalog(String header, String value) {
        return api.send(api.request("/api/catalog").header(header, value).GET()).status();
    }

    private Answer postWithoutKey(String path, String body) {
        HttpRequest.Builder request = api.request(path).POST(BodyPublishers.ofString(body));
        return api.send(request);
    }

    private static String withKey(String body, String key) {
        return "{\"api_key\":\"" + key + "\"," + body.substring(1);
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.detail()).isNotBlank();
        assertThat(answer.body().path("status").intValue()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    }
}
