package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls Penstock with its key. Whatever goes wrong is a {@link Failure}. */
final class Calls {
    static final String JSON = "application/json";
    static final String EVENTS = "text/event-stream";

    private static final BodyHandler<String> TEXT =
            orBeginning(BodyHandlers.ofString(), beginning -> new String(beginning, StandardCharsets.UTF_8));
    private static final BodyHandler<InputStream> STREAM =
            orBeginning(BodyHandlers.ofInputStream(), ByteArrayInputStream::new);

    private final Address address;
    private final Deadline deadline;

    Calls(Address address, Deadline deadline) {
        this.address = address;
        this.deadline = deadline;
    }

    /** Loads what a call needs, so that the first call finds it. */
    static void warmUp() {
        HttpClients.of(URI.create("http://127.0.0.1"));
        Json.read(Json.line(Json.object()));
    }

    Address address() {
        return address;
    }

    Deadline deadline() {
        return deadline;
    }

    ObjectNode get(String path) {
        return json(send("GET", path, null, Map.of("Accept", JSON), TEXT));
    }

    ObjectNode post(String path, @Nullable JsonNode body, Map<String, String> headers) {
        HttpRequest.Builder request = request(
                "POST", path, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(Json.line(body)));
        request.setHeader("Accept", JSON).setHeader("Content-Type", JSON);
        headers.forEach(request::setHeader);
        return json(send(request.build(), TEXT));
    }

    void delete(String path) {
        HttpResponse<String> response = send("DELETE", path, null, Map.of("Accept", JSON), TEXT);
        refuseUnlessSuccess(response.statusCode(), response.body());
    }

    /** A call whose answer is wanted whatever its status, as that of a health check. */
    HttpResponse<String> getAnyStatus(String path) {
        return send("GET", path, null, Map.of("Accept", JSON), TEXT);
    }

    /** The answer as it comes; its status is 2xx. */
    HttpResponse<InputStream> open(String method, String path, @Nullable JsonNode body, Map<String, String> headers) {
        HttpResponse<InputStream> response = send(method, path, body, headers, STREAM);
        if (response.statusCode() / 100 == 2) {
            return response;
        }
        try (InputStream told = response.body()) {
            String text = new String(told.readAllBytes(), StandardCharsets.UTF_8);
            refuseUnlessSuccess(response.statusCode(), text);
            return response;
        } catch (IOException e) {
            throw broken();
        }
    }

    Failure broken() {
        return new Failure(
                ExitCode.UNREACHABLE,
                "client.broken",
                "The connection to " + address + " broke before the answer was there.");
    }

    /** What says why there is no answer is read as long as there is patience, and not to the end if that is far away. */
    private static <T> BodyHandler<T> orBeginning(BodyHandler<T> handler, Function<byte[], T> beginning) {
        return head -> head.statusCode() / 100 == 2
                ? handler.apply(head)
                : BodySubscribers.mapping(new Beginning(), beginning);
    }

    private <T> HttpResponse<T> send(
            String method, String path, @Nullable JsonNode body, Map<String, String> headers, BodyHandler<T> handler) {
        HttpRequest.Builder request = request(
                method, path, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(Json.line(body)));
        if (body != null) {
            request.setHeader("Content-Type", JSON);
        }
        headers.forEach(request::setHeader);
        return send(request.build(), handler);
    }

    private HttpRequest.Builder request(String method, String path, BodyPublisher body) {
        return HttpRequest.newBuilder(address.at(path)).method(method, body).setHeader("X-API-Key", address.key());
    }

    /** Until the whole answer is there, or, when it is a stream, its head. */
    private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        CompletableFuture<HttpResponse<T>> call = HttpClients.of(address.url()).sendAsync(request, handler);
        try {
            return call.get(Math.max(0, deadline.left().toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            call.cancel(true);
            throw deadline.failure("There was no answer from " + address);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw broken();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ConnectException || e.getCause() instanceof HttpConnectTimeoutException
                    ? unreachable()
                    : broken();
        }
    }

    private Failure unreachable() {
        return new Failure(
                ExitCode.UNREACHABLE,
                "client.unreachable",
                "Nothing answers at " + address + ". Start Penstock with ./penstock up, or say where it is with --url"
                        + " or PENSTOCK_PORT.");
    }

    private ObjectNode json(HttpResponse<String> response) {
        refuseUnlessSuccess(response.statusCode(), response.body());
        return Json.read(response.body()).orElseThrow(() -> Failure.notPenstock(address.url()));
    }

    private void refuseUnlessSuccess(int status, String body) {
        if (status / 100 != 2) {
            Failure failure = Failure.answered(status, body, address.url());
            throw status == 401 ? failure.because("The key from " + address.keySource() + " was refused.") : failure;
        }
    }

    /** A path with those parameters that have a value. */
    static String path(String path, Map<String, ? extends @Nullable Object> parameters) {
        StringBuilder built = new StringBuilder(path);
        char before = '?';
        for (Map.Entry<String, ? extends @Nullable Object> parameter : parameters.entrySet()) {
            Object value = parameter.getValue();
            if (value != null) {
                built.append(before).append(parameter.getKey()).append('=').append(encoded(value.toString()));
                before = '&';
            }
        }
        return built.toString();
    }

    /** As part of a path, or as the value of a parameter. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
