package io.penstock.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Calls Penstock over HTTP, with its key unless told otherwise. May be used from any thread. */
final class Api {
    static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private static final int RUN_PATIENCE_SECONDS = 60;
    private static final int PAGE = 70;

    private final String url;
    private final String key;

    Api(String url, String key) {
        this.url = url;
        this.key = key;
    }

    String url() {
        return url;
    }

    String key() {
        return key;
    }

    Answer get(String path) {
        return send(withKey(path).GET());
    }

    Answer post(String path, String body) {
        return send(withKey(path).POST(BodyPublishers.ofString(body)));
    }

    Answer put(String path, String body) {
        return send(withKey(path).PUT(BodyPublishers.ofString(body)));
    }

    Answer delete(String path) {
        return send(withKey(path).DELETE());
    }

    HttpRequest.Builder withKey(String path) {
        return request(path).header("X-API-Key", key);
    }

    /** Without the key. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(150))
                .header("Content-Type", "application/json");
    }

    Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), json(response.body()), response.headers());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while calling " + url, e);
        }
    }

    private static JsonNode json(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text); // metrics and pages are not JSON
        }
    }

    /** Creates a topic and its segments. */
    void create(String topic, String... segments) {
        require(post("/api/topic", "{\"topic\":\"" + topic + "\",\"topic_action\":\"create\"}"), 201);
        for (String segment : segments) {
            require(
                    post(
                            "/api/segment",
                            "{\"topic\":\"" + topic + "\",\"segment\":\"" + segment
                                    + "\",\"segment_action\":\"create\"}"),
                    201);
        }
    }

    Answer deleteTopic(String topic) {
        return post("/api/topic", "{\"topic\":\"" + topic + "\",\"topic_action\":\"delete\"}");
    }

    /** Stores a processor whose records are in its data list. */
    void inlineProcessor(String id, String topic, String segment, InlineItem... items) {
        require(put("/api/processors/" + id, inline(topic, segment, items)), 201);
    }

    /** Stores other records in it. */
    void changeInlineProcessor(String id, String topic, String segment, InlineItem... items) {
        require(put("/api/processors/" + id, inline(topic, segment, items)), 200);
    }

    private static String inline(String topic, String segment, InlineItem... items) {
        var config = JSON.createObjectNode().put("topic", topic).put("segment", segment);
        var list = config.putArray("data_list");
        for (InlineItem item : items) {
            list.addObject()
                    .put("value", item.value())
                    .put("label", item.label())
                    .put("text", item.text());
        }
        return config.toString();
    }

    /** Orders a collection and returns the ids of its runs. */
    List<String> collect(String topic, String... segments) {
        var order = JSON.createObjectNode().put("topic", topic);
        var targets = order.putArray("segment_targets");
        for (String segment : segments) {
            targets.add(segment);
        }
        Answer answer = require(post("/api/collect", order.toString()), 202);
        List<String> runs = new ArrayList<>();
        answer.body().get("runs").forEach(run -> runs.add(run.get("run_id").textValue()));
        return runs;
    }

    /** Collects and waits for the end of the one run that it sets off. */
    JsonNode collected(String topic, String... segments) {
        return ended(collect(topic, segments).getFirst());
    }

    /** The run as it ended. */
    JsonNode ended(String runId) {
        JsonNode run = require(get("/api/runs/" + runId + "?wait=" + RUN_PATIENCE_SECONDS), 200)
                .body();
        if (run.path("state").asText().equals("RUNNING")) {
            throw new AssertionError("The run did not end in " + RUN_PATIENCE_SECONDS + " s: " + run);
        }
        return run;
    }

    Answer ask(String question, @Nullable String topic) {
        var body = JSON.createObjectNode().put("message", question);
        if (topic != null) {
            body.put("topic", topic);
        }
        return post("/api/chat", body.toString());
    }

    /** All entries of a store whose keys begin with the prefix, read page by page. */
    List<JsonNode> entries(String store, String prefix) {
        return pages("/api/stores/" + store + "?prefix=" + encode(prefix) + "&", "entries");
    }

    /** All records of a segment, read page by page. */
    List<JsonNode> records(String topic, String segment) {
        return pages("/api/topics/" + topic + "/segments/" + segment + "/records?", "records");
    }

    private List<JsonNode> pages(String path, String field) {
        List<JsonNode> all = new ArrayList<>();
        String after = "";
        while (true) {
            JsonNode page =
                    require(whenReady(path + "limit=" + PAGE + after), 200).body();
            page.get(field).forEach(all::add);
            if (!page.path("next").isTextual()) {
                return all;
            }
            after = "&after=" + encode(page.get("next").textValue());
        }
    }

    /** What was processed a moment ago may be read a moment later: until then the answer is to try again. */
    private Answer whenReady(String path) {
        return Awaitility.await(path)
                .atMost(Duration.ofSeconds(15))
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> get(path),
                        answer -> answer.status() != 503
                                || !"not-ready"
                                        .equals(answer.body().path("code").textValue()));
    }

    /** The value of a metric without labels. */
    double metric(String name) {
        String text = require(get("/q/metrics"), 200).body().asText();
        return text.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no metric " + name));
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static Answer require(Answer answer, int status) {
        if (answer.status() != status) {
            throw new AssertionError("Expected " + status + ", got " + answer.status() + ": " + answer.body());
        }
        return answer;
    }
}
