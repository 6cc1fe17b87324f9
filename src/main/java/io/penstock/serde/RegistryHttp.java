package io.penstock.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a registry: one URL after the other, beginning with the one that answered last, and all of them again after a pause
 * that doubles, until one answers or patience is at its end. May be called from any thread.
 */
final class RegistryHttp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryHttp.class);
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    private final List<RemoteRegistryConfig.Endpoint> endpoints;
    private final RemoteRegistryConfig.Patience patience;
    private final HttpClient client;
    private final AtomicInteger preferred = new AtomicInteger();

    RegistryHttp(RemoteRegistryConfig config) {
        this.endpoints = config.endpoints();
        this.patience = config.patience();
        this.client = HttpClient.newBuilder()
                .connectTimeout(patience.connect())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** What a registry answered; an error has a code of Confluent's, or its status where it has none. */
    record Reply(int status, JsonNode body) {
        boolean isOk() {
            return status == OK;
        }

        int errorCode() {
            return body.path("error_code").asInt(status);
        }

        String message() {
            return body.path("message").asText("no message");
        }
    }

    /**
     * Asks, with a body to send or none.
     *
     * @throws PenstockException {@code not-ready} when no registry answers, or only that it cannot
     */
    Reply ask(String path, @Nullable String body) {
        long deadline = System.nanoTime() + patience.whole().toNanos();
        List<String> failures = List.of();
        for (int attempt = 0; attempt <= patience.retries(); attempt++) {
            if (attempt > 0 && !pause(attempt, deadline)) {
                break;
            }
            failures = new ArrayList<>();
            Reply reply = askAll(path, body, deadline, failures);
            if (reply != null) {
                return reply;
            }
        }
        throw new PenstockException(
                ErrorCode.NOT_READY,
                "The schema registry cannot be asked: " + String.join("; ", failures)
                        + ". Check SCHEMA_REGISTRY_URL and that it is up.");
    }

    /** What to throw for a reply that is none of those that the request may get. */
    static PenstockException unexpected(Reply reply, String what) {
        String advice = reply.status() == UNAUTHORIZED || reply.status() == FORBIDDEN
                ? " Check basic.auth.user.info or bearer.auth.token."
                : " Check that SCHEMA_REGISTRY_URL is the root of a Confluent-compatible registry.";
        return new PenstockException(
                ErrorCode.NOT_READY,
                "The schema registry answered " + reply.status() + " to the request to " + what + ": " + reply.message()
                        + "." + advice);
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }

    private @Nullable Reply askAll(String path, @Nullable String body, long deadline, List<String> failures) {
        int first = preferred.get();
        for (int i = 0; i < endpoints.size(); i++) {
            int index = (first + i) % endpoints.size();
            RemoteRegistryConfig.Endpoint endpoint = endpoints.get(index);
            try {
                HttpResponse<String> response =
                        client.send(request(endpoint, path, body, deadline), HttpResponse.BodyHandlers.ofString(UTF_8));
                Reply reply = new Reply(response.statusCode(), json(response));
                if (reply.status() < SERVER_ERROR && reply.status() != TOO_MANY) {
                    preferred.set(index);
                    return reply;
                }
                failures.add(endpoint.url() + " answered " + reply.status() + " (" + reply.message() + ")");
            } catch (IOException e) {
                LOG.debug("The schema registry at {} did not answer", endpoint.url(), e);
                failures.add(endpoint.url() + ": "
                        + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
            } catch (InterruptedException e) {
                throw stopped(e);
            }
        }
        return null;
    }

    private HttpRequest request(
            RemoteRegistryConfig.Endpoint endpoint, String path, @Nullable String body, long deadline) {
        Duration left = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(endpoint.url() + path))
                .timeout(left.compareTo(patience.read()) < 0 ? left : patience.read())
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

    /** Waits before a retry; false when there is no time left for one. */
    private boolean pause(int attempt, long deadline) {
        Duration doubled = patience.firstWait().multipliedBy(1L << Math.min(attempt - 1, 16));
        Duration pause = doubled.compareTo(patience.longestWait()) > 0 ? patience.longestWait() : doubled;
        if (System.nanoTime() + pause.toNanos() >= deadline) {
            return false;
        }
        try {
            Thread.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            throw stopped(e);
        }
    }

    private static PenstockException stopped(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new PenstockException(ErrorCode.NOT_READY, "Stopped while waiting for the schema registry.", cause);
    }

    /** The body of an answer; one that should be JSON and is not comes from something that is no registry. */
    private static JsonNode json(HttpResponse<String> response) throws IOException {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            if (response.statusCode() == OK) {
                throw new IOException("the answer is not JSON; this is not the root of a registry", e);
            }
            return MissingNode.getInstance();
        }
    }
}
