package io.penstock.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The packaged application with its own broker, and what its callers do with it over HTTP. Calls may be made by any thread. It is
 * stopped when it is closed.
 */
final class RunningPenstock implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();
    private static final Duration RUN_PATIENCE = Duration.ofHours(2);

    private final Path folder;
    private final MeasuredProcess process;
    private final PenstockClient client;

    private RunningPenstock(Path folder, MeasuredProcess process, PenstockClient client) {
        this.folder = folder;
        this.process = process;
        this.client = client;
    }

    /**
     * Starts it, with an empty configuration, and returns when it is ready.
     *
     * @param settings further environment variables
     */
    static RunningPenstock start(Path folder, Map<String, String> settings) throws IOException {
        Map<String, String> environment = new TreeMap<>(Map.of(
                "PENSTOCK_PORT",
                "0",
                "PENSTOCK_KAFKA_PORT",
                "0",
                "PENSTOCK_DATA",
                folder.resolve("data").toString(),
                "PENSTOCK_CONFIG",
                Files.createDirectories(folder.resolve("config")).toString(),
                "PENSTOCK_TOPOLOGIES",
                Path.of("topologies").toAbsolutePath().toString()));
        environment.putAll(settings);
        PenstockClient client = new PenstockClient(folder);
        MeasuredProcess process = MeasuredProcess.application(environment, client.log());
        try {
            client.awaitReady(process);
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
        return new RunningPenstock(folder, process, client);
    }

    MeasuredProcess process() {
        return process;
    }

    /** Where configuration is read from. */
    Path config() {
        return folder.resolve("config");
    }

    /** Where clients of its broker connect. */
    String bootstrapServers() throws IOException {
        return client.bootstrapServers();
    }

    /** Where it is called. */
    URI address() throws IOException {
        return client.address();
    }

    String key() throws IOException {
        return client.key();
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return call("GET", path, null, 200);
    }

    private JsonNode call(String method, String path, @Nullable JsonNode body, int status)
            throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(method, path, body == null ? null : body.toString());
        if (response.statusCode() != status) {
            throw new IOException(method + " " + path + " was answered with " + response.statusCode() + " instead of "
                    + status + ": " + response.body());
        }
        return JSON.readTree(response.body());
    }

    /** Creates a topic with its segments. */
    void create(String topic, List<String> segments) throws IOException, InterruptedException {
        ObjectNode create = JSON.createObjectNode().put("topic", topic).put("topic_action", "create");
        call("POST", "/api/topic", create, 201);
        for (String segment : segments) {
            ObjectNode order = JSON.createObjectNode()
                    .put("topic", topic)
                    .put("segment", segment)
                    .put("segment_action", "create");
            call("POST", "/api/segment", order, 201);
        }
    }

    /** Stores a new processor, which must be able to work. */
    void putProcessor(String id, ObjectNode config) throws IOException, InterruptedException {
        JsonNode stored = call("PUT", "/api/processors/" + id, config, 201);
        if (!stored.path("state").asText().equals("ACTIVE")) {
            throw new IOException("The processor cannot work: " + stored);
        }
    }

    /** Orders a collection, and returns its run when that has ended. */
    JsonNode collected(String topic, List<String> segments) throws IOException, InterruptedException {
        ObjectNode order = JSON.createObjectNode().put("topic", topic);
        ArrayNode targets = order.putArray("segment_targets");
        segments.forEach(targets::add);
        String id =
                call("POST", "/api/collect", order, 202).at("/runs/0/run_id").asText();
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < RUN_PATIENCE.toNanos()) {
            JsonNode run = get("/api/runs/" + id + "?wait=30");
            if (!run.path("state").asText().equals("RUNNING")) {
                return run;
            }
        }
        throw new IOException("The run " + id + " did not end in " + RUN_PATIENCE);
    }

    /** The sum of all values of a metric. */
    double metric(String name) throws IOException, InterruptedException {
        return client.send("/q/metrics", null)
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** The hits of a search in a topic. */
    JsonNode search(String topic, String question, String mode, int k) throws IOException, InterruptedException {
        return get("/api/search?topic=" + topic + "&mode=" + mode + "&k=" + k + "&q="
                        + URLEncoder.encode(question, StandardCharsets.UTF_8))
                .path("hits");
    }

    /** The hits of a search in a segment. */
    JsonNode search(String topic, String segment, String question, String mode, int k)
            throws IOException, InterruptedException {
        return get("/api/search?topic=" + topic + "&segment=" + segment + "&mode=" + mode + "&k=" + k + "&q="
                        + URLEncoder.encode(question, StandardCharsets.UTF_8))
                .path("hits");
    }

    /** The answer to a question from a segment. */
    JsonNode ask(String topic, String segment, String question) throws IOException, InterruptedException {
        return call(
                "POST",
                "/api/chat",
                JSON.createObjectNode()
                        .put("topic", topic)
                        .put("segment", segment)
                        .put("message", question),
                200);
    }

    /** The answer to a question. */
    JsonNode ask(String topic, String question) throws IOException, InterruptedException {
        return call(
                "POST", "/api/chat", JSON.createObjectNode().put("topic", topic).put("message", question), 200);
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
