package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The examples of the OpenAPI document are sent as they stand, and the answers look as it says. */
@Timeout(120)
@ExtendWith(SharedPenstock.class)
class OpenApiExamplesIT {
    private final Api api;
    private final JsonNode document;
    private final Set<String> sent = new TreeSet<>();

    OpenApiExamplesIT(PenstockProcess penstock) {
        this.api = penstock.api();
        this.document = Api.require(api.get("/q/openapi?format=json"), 200).body();
    }

    @Test
    void shouldTakeEveryExampleAndAnswerAsDescribed() {
        send("post", "/api/topic", "create");
        send("post", "/api/segment", "create");
        send("get", "/api/catalog", "");
        send("put", "/api/processors/{id}", "inline");
        JsonNode run = api.ended(
                send("post", "/api/collect", "one").at("/runs/0/run_id").textValue());
        assertThat(run.get("state").textValue()).isEqualTo("DONE");
        assertShape(run, answerExample("get", "/api/runs/{id}", api.get("/api/runs")), "a run");
        for (JsonNode other : send("post", "/api/collect", "several").get("runs")) {
            api.ended(other.get("run_id").textValue());
        }
        send("get", "/api/runs", "");
        send("get", "/api/processors", "");
        send("get", "/api/processors/{id}", "");
        send("get", "/api/topics/{topic}/segments/{segment}/records", "");
        send("get", "/api/topics/{topic}/segments/{segment}/records/{item}", "");
        assertThat(send("get", "/api/search", "").get("hits")).isNotEmpty();
        assertThat(send("post", "/api/chat", "ask").get("answered").booleanValue())
                .isTrue();
        send("post", "/api/chat", "continue");
        send("get", "/api/conversations", "");
        send("get", "/api/conversations/{session}", "");
        send("delete", "/api/conversations/{session}", "");
        send("delete", "/api/topics/{topic}/segments/{segment}/records/{item}", "");
        send("get", "/v1/models", "");
        send("get", "/v1/models/{model}", "");
        assertThat(send("post", "/v1/chat/completions", "ask")
                        .at("/choices/0/answered")
                        .booleanValue())
                .isTrue();
        send("post", "/v1/chat/completions", "continue");
        assertThat(send("post", "/v1/chat/completions", "stream").textValue())
                .startsWith("data: {")
                .endsWith("\n\ndata: [DONE]\n\n");
        send("post", "/v1/embeddings", "one");
        send("post", "/v1/embeddings", "several");
        send("put", "/api/schedules/{id}", "cron");
        send("put", "/api/schedules/{id}", "off");
        send("get", "/api/schedules", "");
        send("get", "/api/schedules/{id}", "");
        send("delete", "/api/schedules/{id}", "");
        send("get", "/api/stores", "");
        send("get", "/api/stores/{store}", "");
        send("get", "/api/stores/{store}/{key}", "");
        send("get", "/api/topologies", "");
        send("get", "/api/mirrors", "");
        send("get", "/api/dead-letters", "");
        send("post", "/api/dead-letters/replay", "try");
        send("post", "/api/dead-letters/replay", "filter");
        send("put", "/api/processors/{id}", "http");
        send("delete", "/api/processors/{id}", "");
        registry();
        for (String path : new String[] {"/q/health", "/q/health/live", "/q/health/ready"}) {
            send("get", path, "");
        }
        send("post", "/api/segment", "delete");
        send("post", "/api/topic", "delete");

        assertThat(sent).isEqualTo(withExamples());
    }

    private void registry() {
        send("get", "/registry/config", "");
        send("put", "/registry/config", "level");
        String subjects = "/registry/subjects/{subject}";
        send("post", subjects + "/versions", "schema");
        send("put", "/registry/config/{subject}", "level");
        send("get", "/registry/config/{subject}", "");
        send("delete", "/registry/config/{subject}", "");
        send("post", subjects, "schema");
        send("get", subjects + "/versions", "");
        send("get", subjects + "/versions/{version}", "");
        send("get", subjects + "/versions/{version}/schema", "");
        send("get", "/registry/schemas/ids/{id}", "");
        send("post", "/registry/compatibility/subjects/{subject}/versions", "schema");
        send("post", "/registry/compatibility/subjects/{subject}/versions/{version}", "schema");
        for (String path : new String[] {"", "/subjects", "/schemas", "/schemas/types", "/mode", "/contexts"}) {
            send("get", "/registry" + path, "");
        }
        send("delete", subjects + "/versions/{version}", "");
    }

    /** Every operation whose request has examples, by their names. */
    private Set<String> withExamples() {
        Set<String> examples = new TreeSet<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation -> operation
                                .getValue()
                                .at("/requestBody/content")
                                .forEach(content -> content.path("examples")
                                        .fieldNames()
                                        .forEachRemaining(name ->
                                                examples.add(operation.getKey() + " " + path.getKey() + " " + name)))));
        return examples;
    }

    /** Sends an example and returns the answer. */
    private JsonNode send(String method, String path, String example) {
        JsonNode operation = document.get("paths").get(path).get(method);
        StringBuilder target = new StringBuilder(path);
        StringBuilder query = new StringBuilder();
        for (JsonNode list :
                new JsonNode[] {document.get("paths").get(path).path("parameters"), operation.path("parameters")}) {
            for (JsonNode parameter : list) {
                String name = parameter.path("name").asText();
                String value = parameter.path("example").asText();
                if (parameter.path("in").asText().equals("path")) {
                    int at = target.indexOf("{" + name + "}");
                    target.replace(at, at + name.length() + 2, value);
                } else if (parameter.path("in").asText().equals("query") && parameter.has("example")) {
                    query.append(query.isEmpty() ? "?" : "&")
                            .append(name)
                            .append('=')
                            .append(Api.encode(value));
                }
            }
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api.url() + target + query))
                .timeout(Duration.ofSeconds(60))
                .header("X-API-Key", api.key());
        if (example.isEmpty()) {
            request.method(method.toUpperCase(java.util.Locale.ROOT), BodyPublishers.noBody());
        } else {
            var content =
                    operation.at("/requestBody/content").properties().iterator().next();
            request.header("Content-Type", content.getKey());
            request.method(
                    method.toUpperCase(java.util.Locale.ROOT),
                    BodyPublishers.ofString(content.getValue()
                            .at("/examples/" + example + "/value")
                            .toString()));
            sent.add(method + " " + path + " " + example);
        }
        Answer answer = api.send(request);
        String what = method + " " + target + query + " " + example + " -> " + answer.status() + " " + answer.body();
        assertThat(answer.status()).as(what).isBetween(200, 299);
        assertThat(operation.get("responses").has(Integer.toString(answer.status())))
                .as(what)
                .isTrue();
        assertShape(answer.body(), answerExample(method, path, answer), what);
        return answer.body();
    }

    /** The example of an answer of this status and, where there are several, of this content type. */
    private JsonNode answerExample(String method, String path, Answer answer) {
        JsonNode content = document.get("paths")
                .get(path)
                .get(method)
                .get("responses")
                .get(Integer.toString(answer.status()))
                .path("content");
        String type = answer.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
        return content.isEmpty() || content.has(type)
                ? content.path(type).path("example")
                : content.properties().iterator().next().getValue().path("example");
    }

    /** Whatever fields the example has, the answer has too, of the same kind; lists may be empty. */
    private static void assertShape(JsonNode answer, JsonNode example, String what) {
        if (example.isObject() && !example.isEmpty()) {
            assertThat(answer.isObject()).as(what).isTrue();
            example.properties().forEach(field -> {
                assertThat(answer.has(field.getKey()))
                        .as(field.getKey() + " of " + what)
                        .isTrue();
                JsonNode found = answer.get(field.getKey());
                // A configuration is answered as it was sent.
                if (!found.isNull()
                        && !field.getValue().isNull()
                        && !field.getKey().equals("config")) {
                    assertShape(found, field.getValue(), field.getKey() + " of " + what);
                }
            });
        } else if (example.isArray()) {
            assertThat(answer.isArray()).as(what).isTrue();
            if (!answer.isEmpty() && !example.isEmpty()) {
                assertShape(answer.get(0), example.get(0), what);
            }
        } else if (!example.isMissingNode() && !example.isEmpty()) {
            assertThat(answer.getNodeType()).as(what).isEqualTo(example.getNodeType());
        }
    }
}
