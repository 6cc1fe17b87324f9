package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/**
 * A client of the chat's streams that behaves as the documentation says: it keeps the text and the id of the last event that had one,
 * forgets the text at a reset, and can go away at any time.
 */
final class EventClient implements AutoCloseable {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpResponse<InputStream> response;
    private final List<Event> events = new ArrayList<>();
    private final StringBuilder text;
    private String lastId;
    private boolean over;

    /** @param id empty when it has none */
    record Event(String id, String name, JsonNode data) {}

    private EventClient(HttpRequest request, String text, String lastId) {
        this.text = new StringBuilder(text);
        this.lastId = lastId;
        try {
            response = CLIENT.send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        Thread.ofVirtual().start(this::read);
    }

    /** Asks; the answer is streamed. */
    static EventClient ask(Api api, String session, String question) {
        String body = Api.JSON
                .createObjectNode()
                .put("message", question)
                .put("session_id", session)
                .put("topic", "harbour")
                .toString();
        return new EventClient(request(api).POST(BodyPublishers.ofString(body)).build(), "", "");
    }

    /** Goes on, there, with what this client has heard. */
    EventClient resumeAt(Api api) {
        return new EventClient(
                request(api).header("Last-Event-ID", lastId()).GET().build(), text(), lastId());
    }

    /** Follows something else than an answer. */
    static EventClient follow(Api api, String path, String lastId) {
        HttpRequest.Builder request = request(api, path).GET();
        return new EventClient(
                (lastId.isEmpty() ? request : request.header("Last-Event-ID", lastId)).build(), "", lastId);
    }

    private static HttpRequest.Builder request(Api api) {
        return request(api, "/api/chat");
    }

    private static HttpRequest.Builder request(Api api, String path) {
        return api.request(path).header("X-API-Key", api.key()).header("Accept", "text/event-stream");
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
            String id = "";
            String name = "";
            String data = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring("id: ".length());
                } else if (line.startsWith("event: ")) {
                    name = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    data = line.substring("data: ".length());
                } else if (line.isEmpty() && !name.isEmpty()) {
                    hear(new Event(id, name, json(data)));
                    id = "";
                    name = "";
                }
            }
        } catch (IOException e) {
            // The connection broke, or this client went away.
        }
        synchronized (this) {
            over = true;
        }
    }

    private static JsonNode json(String data) {
        try {
            return Api.JSON.readTree(data);
        } catch (JsonProcessingException e) {
            throw new AssertionError("Not JSON: " + data, e);
        }
    }

    private synchronized void hear(Event event) {
        events.add(event);
        if (!event.id().isEmpty()) {
            lastId = event.id();
        }
        if (event.name().equals("text")) {
            text.append(event.data().path("text").asText());
        } else if (event.name().equals("reset")) {
            text.setLength(0);
        }
    }

    int status() {
        return response.statusCode();
    }

    synchronized List<Event> events() {
        return List.copyOf(events);
    }

    List<String> names() {
        return events().stream().map(Event::name).toList();
    }

    synchronized String text() {
        return text.toString();
    }

    synchronized String lastId() {
        return lastId;
    }

    /** Whether the connection is over, with or without an end of the stream. */
    synchronized boolean isOver() {
        return over;
    }

    void await(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(condition::getAsBoolean);
    }

    void awaitText(String part) {
        await("the text " + part, () -> text().contains(part));
    }

    /** The data of the event that ends the stream, once it is there. */
    JsonNode end() {
        await("the end of the stream", () -> isOver() || names().contains("done") || names().contains("error"));
        Event last = events().getLast();
        if (!last.name().equals("done") && !last.name().equals("error")) {
            throw new AssertionError("The stream broke: " + events());
        }
        return last.data();
    }

    /** Goes away. */
    @Override
    public void close() {
        try {
            response.body().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
