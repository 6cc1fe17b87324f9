package io.penstock.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpClientBuilderLoader;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * LangChain4j's HTTP port over the JDK's client. Beside LangChain4j's own it keeps what the endpoint says in
 * {@code Retry-After}, holds the whole exchange to the deadline (not only its head), and ends it when the calling thread is
 * interrupted. Follows no redirect, so that the key goes nowhere else.
 */
final class EndpointHttpClient implements HttpClient {
    private final java.net.http.HttpClient client;
    private final HttpClient streaming;
    private final Duration timeout;
    private final InstantSource clock;

    private EndpointHttpClient(Duration connectTimeout, Duration timeout, InstantSource clock) {
        this.client = java.net.http.HttpClient.newBuilder()
                .version(java.net.http.HttpClient.Version.HTTP_1_1)
                .followRedirects(java.net.http.HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .build();
        this.streaming = HttpClientBuilderLoader.loadHttpClientBuilder()
                .connectTimeout(connectTimeout)
                .readTimeout(timeout)
                .build();
        this.timeout = timeout;
        this.clock = clock;
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
        CompletableFuture<HttpResponse<String>> exchange =
                client.sendAsync(toJdk(request), HttpResponse.BodyHandlers.ofString(UTF_8));
        try {
            HttpResponse<String> response = exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() / 100 != 2) {
                throw new EndpointException(response.statusCode(), retryAfter(response), response.body());
            }
            return SuccessfulHttpResponse.builder()
                    .statusCode(response.statusCode())
                    .headers(response.headers().map())
                    .body(response.body())
                    .build();
        } catch (TimeoutException e) {
            exchange.cancel(true);
            throw new UncheckedIOException(new HttpTimeoutException("no answer within " + timeout));
        } catch (InterruptedException e) {
            exchange.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io
                    ? new UncheckedIOException(io)
                    : new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        streaming.execute(request, parser, listener);
    }

    private java.net.http.HttpRequest toJdk(HttpRequest request) {
        String body = request.body();
        java.net.http.HttpRequest.Builder builder = java.net.http.HttpRequest.newBuilder(URI.create(request.url()))
                .timeout(timeout)
                .method(
                        request.method().name(),
                        body == null
                                ? java.net.http.HttpRequest.BodyPublishers.noBody()
                                : java.net.http.HttpRequest.BodyPublishers.ofString(body, UTF_8));
        request.headers().forEach((name, values) -> values.forEach(value -> builder.header(name, value)));
        return builder.build();
    }

    /** Seconds or an HTTP date, see RFC 9110, section 10.2.3. */
    private @Nullable Duration retryAfter(HttpResponse<?> response) {
        Optional<String> value =
                response.headers().firstValue("Retry-After").map(String::strip).filter(text -> !text.isEmpty());
        if (value.isEmpty()) {
            return null;
        }
        try {
            if (Character.isDigit(value.get().charAt(0))) {
                return Duration.ofMillis((long) (Double.parseDouble(value.get()) * 1000));
            }
            Instant at = ZonedDateTime.parse(value.get(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration wait = Duration.between(clock.instant(), at);
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (NumberFormatException | DateTimeParseException e) {
            return null; // not a time: the stage waits as long as it does without one
        }
    }

    /** Builds the client; LangChain4j sets the timeouts. */
    static final class Builder implements HttpClientBuilder {
        private final InstantSource clock;
        private Duration connectTimeout;
        private Duration readTimeout;

        Builder(AnswerSettings settings, InstantSource clock) {
            this.clock = clock;
            this.connectTimeout = settings.connectTimeout();
            this.readTimeout = settings.timeout();
        }

        @Override
        public Duration connectTimeout() {
            return connectTimeout;
        }

        @Override
        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        @Override
        public Duration readTimeout() {
            return readTimeout;
        }

        @Override
        public Builder readTimeout(Duration value) {
            readTimeout = value;
            return this;
        }

        @Override
        public HttpClient build() {
            return new EndpointHttpClient(connectTimeout, readTimeout, clock);
        }
    }
}
