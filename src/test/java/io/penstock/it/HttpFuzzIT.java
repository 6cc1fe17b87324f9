package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Calls everything that the OpenAPI document describes, wrongly. The seed is printed; {@code -Dpenstock.fuzz.seed} repeats a run and
 * {@code -Dpenstock.fuzz.seconds} lengthens it, which is what {@code ./penstock soak http} does.
 */
@ExtendWith(EdgePenstock.class)
class HttpFuzzIT {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    /** Deleting a topic is answered after 30 seconds at the latest. */
    private static final Duration CHANGE = Duration.ofSeconds(40);

    private static final Set<String> DOCUMENTED_FAILURES = Set.of(
            "llm.unauthorized",
            "llm.unreachable",
            "llm.failed",
            "llm.timeout",
            "not-ready",
            "shard.unavailable",
            "chat.timeout",
            "busy");

    /** What is not HTTP enough to have a path is a problem on all of them. */
    private static final Set<Integer> BEFORE_ANY_PATH = Set.of(400, 408, 414, 431);

    private final PenstockProcess penstock;
    private final Api api;
    private final Map<String, Integer> statuses = new TreeMap<>();
    private final Map<String, String> failures = new TreeMap<>();
    private final List<String> findings = new ArrayList<>();

    HttpFuzzIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.api = penstock.api();
    }

    @Test
    void shouldAnswerEveryWrongCallWithAProblem() throws IOException {
        long seed = Long.getLong("penstock.fuzz.seed", System.nanoTime());
        int seconds = Integer.getInteger("penstock.fuzz.seconds", 12);
        System.out.println("seed " + seed + " (-Dpenstock.fuzz.seed), " + seconds + " s over HTTP");
        HttpFuzz fuzz =
                new HttpFuzz(Api.require(api.get("/q/openapi?format=json"), 200).body(), api.key(), new Random(seed));

        fuzz.everyOperationWithoutTheKey().forEach(this::call);
        fuzz.everyOperationWithAnotherMethod().forEach(this::call);
        fuzz.pathsThatClimb().forEach(this::call);
        long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        int calls = 0;
        while (System.nanoTime() < deadline && findings.size() < 20) {
            call(fuzz.next());
            calls++;
        }

        failures.forEach((failure, example) -> System.out.println(failure + " for example by " + example));
        String summary = "{\"calls\":" + calls + ",\"seed\":" + seed + ",\"findings\":" + findings.size()
                + ",\"statuses\":" + Api.JSON.valueToTree(statuses) + "}";
        System.out.println(summary);
        PenstockProcess.write(Path.of("target/soak/http.json"), summary + "\n");
        assertThat(findings).as("with -Dpenstock.fuzz.seed=" + seed).isEmpty();
        assertThat(statuses).containsKeys("2xx", "400", "401", "404", "405", "422");
        // It has created topics until just now, whose enrichments may still be starting.
        Awaitility.await("readiness")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(api.get("/q/health/ready").status()).isEqualTo(200));
        assertThat(api.get("/api/topologies").body().findValues("restarts"))
                .isNotEmpty()
                .allSatisfy(restarts -> assertThat(restarts.intValue()).isZero());
        assertThat(PenstockProcess.text(penstock.log())).doesNotContain("An unexpected error");
    }

    private void call(HttpFuzz.Call call) {
        RawHttp.Response response;
        try {
            response = RawHttp.exchange(
                    api.url(), call.changesCatalog() ? CHANGE : ANSWER, call.method(), call.head(), call.body());
        } catch (IOException e) {
            findings.add(call + ": " + e);
            return;
        }
        int status = response.status();
        statuses.merge(status < 300 ? "2xx" : Integer.toString(status), 1, Integer::sum);
        if (status >= 500) {
            failures.putIfAbsent(status + " " + code(response), call.toString());
        }
        String fault = fault(call, response);
        if (fault != null) {
            String text = response.text();
            findings.add(call + " -> " + status + " " + fault + ": " + text.substring(0, Math.min(400, text.length())));
        }
    }

    private static String code(RawHttp.Response response) {
        return response.json()
                .at(response.json().has("error") ? "/error/code" : "/code")
                .asText();
    }

    private static boolean isOpenAi(String path) {
        return path.equals("/v1") || path.startsWith("/v1/");
    }

    private @org.jspecify.annotations.Nullable String fault(HttpFuzz.Call call, RawHttp.Response response) {
        int status = response.status();
        String text = response.text();
        if (status < 400) {
            return call.withKey() || call.isOpen() ? null : "served without the key";
        }
        if (call.method().equals("HEAD")) {
            return status >= 500 && status != 503 ? "failed" : null;
        }
        String code = code(response);
        boolean registry = call.path().startsWith("/registry");
        boolean health = call.path().startsWith("/q/health") && status == 503;
        if (status >= 500 && !(status <= 504 && status >= 502 && (DOCUMENTED_FAILURES.contains(code) || health))) {
            return "failed";
        }
        if (registry ? !response.json().path("error_code").isInt() && code.isEmpty() : code.isEmpty() && !health) {
            return "has no code";
        }
        boolean openAi = response.json().has("error");
        if (openAi != isOpenAi(call.path()) && !BEFORE_ANY_PATH.contains(status)) {
            return openAi ? "is an error in OpenAI's form" : "is no error in OpenAI's form";
        }
        if (!registry
                && !health
                && !openAi
                && !response.header("Content-Type").startsWith("application/problem+json")) {
            return "is no problem but " + response.header("Content-Type");
        }
        if (status == 401 && response.header("WWW-Authenticate").isEmpty()) {
            return "does not say how to show the key";
        }
        // What is wrong with a schema or its body the registry says in the words of Avro's and JSON's parsers, as
        // Confluent's does.
        for (String internal : registry
                ? List.of("\tat ", api.key())
                : List.of("Exception", "[Source", "StreamReadFeature", "\tat ", "java.lang", api.key())) {
            if (text.contains(internal) && !new String(call.body(), UTF_8).contains(internal)) {
                return "says '" + internal + "'";
            }
        }
        return null;
    }
}
