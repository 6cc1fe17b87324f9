package io.penstock.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls peers over HTTP with the API key, side by side. Follows no redirect and uses no proxy, so the key goes nowhere else. */
final class PeerCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerCalls.class);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(1);
    private static final JsonMapper JSON = new JsonMapper();

    private final String apiKey;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();

    PeerCalls(String apiKey) {
        this.apiKey = apiKey;
    }

    List<PeerAnswer> ask(
            List<Peer> peers, String path, JsonNode question, Duration patience, Predicate<JsonNode> enough) {
        long deadline = System.nanoTime() + patience.toNanos();
        byte[] body = question.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        BlockingQueue<PeerAnswer> arrived = new LinkedBlockingQueue<>();
        Map<Peer, CompletableFuture<?>> open = new LinkedHashMap<>();
        for (Peer peer : peers) {
            CompletableFuture<HttpResponse<byte[]>> call =
                    client.sendAsync(request(peer, path, body, patience), BodyHandlers.ofByteArray());
            open.put(peer, call);
            var _ = call.handle((response, failure) -> arrived.add(answer(peer, path, response, failure)));
        }
        List<PeerAnswer> answers = new ArrayList<>();
        boolean late = true;
        try {
            while (!open.isEmpty()) {
                PeerAnswer answer = arrived.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (answer == null) {
                    open.keySet()
                            .forEach(peer -> answers.add(
                                    new Failed(peer, "it did not answer within " + patience.toMillis() + " ms")));
                    break;
                }
                open.remove(answer.peer());
                answers.add(answer);
                if (answer instanceof Answered answered && enough.test(answered.body())) {
                    // The others are let finish: to hang up on them would look like a fault on their side.
                    late = false;
                    break;
                }
            }
            return answers;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PenstockException(
                    ErrorCode.NOT_READY, "Interrupted while other instances were asked; ask again.", e);
        } finally {
            if (late) {
                open.values().forEach(call -> call.cancel(true));
            }
        }
    }

    private HttpRequest request(Peer peer, String path, byte[] body, Duration patience) {
        return HttpRequest.newBuilder(URI.create(peer.url() + path))
                .timeout(patience)
                .header("X-API-Key", apiKey)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body))
                .build();
    }

    private static PeerAnswer answer(
            Peer peer, String path, @Nullable HttpResponse<byte[]> response, @Nullable Throwable failure) {
        if (response == null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            LOG.debug("{} at {} was not answered", path, peer.url(), cause);
            return new Failed(peer, "it cannot be reached (" + cause + ")");
        }
        try {
            JsonNode body = JSON.readTree(response.body());
            return response.statusCode() == 200
                    ? new Answered(peer, body)
                    : new Failed(
                            peer,
                            "it answered " + response.statusCode() + ": "
                                    + body.path("detail").asText(),
                            problem(body));
        } catch (IOException e) {
            return new Failed(peer, "it answered " + response.statusCode() + " with something that is not JSON");
        }
    }

    private static Optional<PenstockException> problem(JsonNode body) {
        return ErrorCode.of(body.path("code").asText())
                .map(code -> new PenstockException(code, body.path("detail").asText()));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
