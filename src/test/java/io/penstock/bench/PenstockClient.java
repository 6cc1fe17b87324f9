package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Calls the packaged application that keeps its data in the folder {@code data} of a folder, and its log beside it. */
final class PenstockClient {
    private static final Pattern KAFKA = Pattern.compile("Kafka at (\\S+)");
    private static final Duration READY_PATIENCE = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Path folder;

    PenstockClient(Path folder) {
        this.folder = folder;
    }

    Path log() {
        return folder.resolve("penstock.log");
    }

    /** Where clients of the embedded broker connect. */
    String bootstrapServers() throws IOException {
        Matcher matcher = KAFKA.matcher(Files.readString(log(), UTF_8));
        if (!matcher.find()) {
            throw new IOException("the log does not say where Kafka is: " + log());
        }
        return matcher.group(1);
    }

    /** Where it is called. */
    URI address() throws IOException {
        return URI.create(
                Files.readString(folder.resolve("data/address"), UTF_8).strip());
    }

    String key() throws IOException {
        return Files.readString(folder.resolve("data/api-key"), UTF_8).strip();
    }

    void awaitReady(MeasuredProcess penstock) {
        Awaitility.await("Penstock is ready; its log is " + log())
                .atMost(READY_PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    if (!penstock.isAlive()) {
                        throw new IllegalStateException("Penstock has ended; its log is " + log());
                    }
                    try {
                        return Files.exists(folder.resolve("data/address"))
                                && Files.exists(folder.resolve("data/api-key"))
                                && send("/q/health/ready", null).statusCode() == 200;
                    } catch (ConnectException e) {
                        return false; // the server is not listening yet
                    }
                });
    }

    /** @param body of a POST; null makes it a GET */
    HttpResponse<String> send(String path, @Nullable String body) throws IOException, InterruptedException {
        return send(body == null ? "GET" : "POST", path, body);
    }

    /** @param body null sends none */
    HttpResponse<String> send(String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address() + path))
                .timeout(Duration.ofMinutes(1))
                .header("X-API-Key", key())
                .header("Content-Type", "application/json");
        return http.send(
                request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }
}
