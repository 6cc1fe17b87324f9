package io.penstock.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client of any registry that speaks Confluent's REST API. Asks the URLs in turn, beginning with the one that answered
 * last, and remembers what it was told, since an id never changes its schema. May be called from any thread.
 */
public final class RemoteRegistry implements SchemaRegistry, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteRegistry.class);
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int TOO_MANY = 429;
    private static final int UNPROCESSABLE = 422;
    private static final int SERVER_ERROR = 500;

    private final RemoteRegistryConfig config;
    private final HttpClient client;
    private final AtomicInteger preferred = new AtomicInteger();
    private final Map<Registered, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    private record Registered(String subject, Schema schema) {}

    /**
     * @param config {@code schema.registry.url} (several separated by commas), {@code basic.auth.credentials.source} ({@code
     *     USER_INFO} or {@code URL}), {@code basic.auth.user.info}, {@code bearer.auth.token}, {@code
     *     schema.registry.request.timeout.ms}; other settings are passed over
     * @throws PenstockException {@code config.invalid}
     */
    public RemoteRegistry(Map<String, ?> config) {
        this.config = RemoteRegistryConfig.of(config);
        this.client = HttpClient.newBuilder()
                .connectTimeout(this.config.timeout())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    @Override
    public int register(String subject, Schema schema) {
        Registered key = new Registered(subject, schema);
        Integer known = ids.get(key);
        if (known != null) {
            return known;
        }
        String path = "/subjects/" + URLEncoder.encode(subject, UTF_8).replace("+", "%20") + "/versions";
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        HttpResponse<String> response = send(path, body);
        switch (response.statusCode()) {
            case OK -> {
                int id = json(response).path("id").asInt();
                ids.put(key, id);
                return id;
            }
            case CONFLICT, UNPROCESSABLE ->
                throw new PenstockException(
                        ErrorCode.SCHEMA_INCOMPATIBLE,
                        "The schema registry does not take the schema of subject " + subject + ": "
                                + message(response)
                                + ". An older or newer Penstock, or someone else, registered another there.");
            default -> throw unexpected(response, "register the schema of subject " + subject);
        }
    }

    @Override
    public Schema schema(int id) {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        HttpResponse<String> response = send("/schemas/ids/" + id, null);
        switch (response.statusCode()) {
            case OK -> {
                Schema schema = parse(id, json(response));
                schemas.put(id, schema);
                return schema;
            }
            case NOT_FOUND ->
                throw new PenstockException(
                        ErrorCode.RECORD_UNDECODABLE,
                        "The schema registry has no schema with id " + id
                                + "; the record was written with another registry, or is not Avro.");
            default -> throw unexpected(response, "look up the schema with id " + id);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }

    private static Schema parse(int id, JsonNode answer) {
        if (!answer.path("schemaType").asText("AVRO").equals("AVRO")) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "The schema with id " + id + " is "
                            + answer.path("schemaType").asText() + ", not Avro.");
        }
        try {
            return new Schema.Parser().parse(answer.path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "The schema with id " + id + " cannot be parsed: " + e.getMessage(),
                    e);
        }
    }

    /** Asks one URL after the other until one answers; its answer may be an error. */
    private HttpResponse<String> send(String path, @Nullable String body) {
        List<String> failures = new ArrayList<>();
        List<RemoteRegistryConfig.Endpoint> endpoints = config.endpoints();
        int first = preferred.get();
        for (int i = 0; i < endpoints.size(); i++) {
            int index = (first + i) % endpoints.size();
            RemoteRegistryConfig.Endpoint endpoint = endpoints.get(index);
            try {
                HttpResponse<String> response =
                        client.send(request(endpoint, path, body), HttpResponse.BodyHandlers.ofString(UTF_8));
                if (response.statusCode() < SERVER_ERROR && response.statusCode() != TOO_MANY) {
                    preferred.set(index);
                    return response;
                }
                failures.add(endpoint.url() + " answered " + response.statusCode() + " (" + message(response) + ")");
            } catch (IOException e) {
                LOG.debug("The schema registry at {} did not answer", endpoint.url(), e);
                failures.add(endpoint.url() + ": "
                        + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PenstockException(ErrorCode.NOT_READY, "Stopped while waiting for the schema registry.", e);
            }
        }
        throw new PenstockException(
                ErrorCode.NOT_READY,
                "The schema registry cannot be asked: " + String.join("; ", failures)
                        + ". Check SCHEMA_REGISTRY_URL and that it is up.");
    }

    private HttpRequest request(RemoteRegistryConfig.Endpoint endpoint, String path, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(endpoint.url() + path))
                .timeout(config.timeout())
                .header("Accept", MEDIA_TYPE + ", application/json");
        String authorization = endpoint.authorization();
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        if (body != null) {
            request.header("Content-Type", MEDIA_TYPE).POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return request.build();
    }

    private static PenstockException unexpected(HttpResponse<String> response, String what) {
        int status = response.statusCode();
        String advice = status == UNAUTHORIZED || status == FORBIDDEN
                ? " Check basic.auth.user.info or bearer.auth.token."
                : " Check that SCHEMA_REGISTRY_URL is the root of a Confluent-compatible registry.";
        return new PenstockException(
                ErrorCode.NOT_READY,
                "The schema registry answered " + status + " to the request to " + what + ": " + message(response) + "."
                        + advice);
    }

    private static JsonNode json(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new PenstockException(
                    ErrorCode.NOT_READY,
                    "The schema registry's answer is not JSON; check that SCHEMA_REGISTRY_URL is the root of a registry.",
                    e);
        }
    }

    private static String message(HttpResponse<String> response) {
        try {
            JsonNode body = JSON.readTree(response.body());
            return body.path("message").asText("no message");
        } catch (JsonProcessingException e) {
            return "no JSON";
        }
    }
}
