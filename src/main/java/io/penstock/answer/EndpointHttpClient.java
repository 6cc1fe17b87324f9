package io.penstock.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import io.penstock.answer.BodyStream.ExchangeTime;
import io.penstock.answer.EndpointException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
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
 * LangChain4j's HTTP port over the JDK's client, for streams. Beside LangChain4j's own it keeps what the endpoint says in
 * {@code Retry-After}, bounds the whole exchange and each silence in it, and works on the calling thread alone: when that is
 * interrupted, the connection is closed. Follows no redirect, so that the key goes nowhere else.
 */
final class EndpointHttpClient implements HttpClient {
    /** An endpoint that asks for more is asked again after this. */
    static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private static final int ERROR_BYTES = 16 << 10;

    private final java.net.http.HttpClient client;
    private final AnswerSettings settings;
    private final Secret secret;
    private final InstantSource clock;

    EndpointHttpClient(AnswerSettings settings, Secret secret, InstantSource clock) {
        this.client = java.net.http.HttpClient.newBuilder()
                .version(java.net.http.HttpClient.Version.HTTP_1_1)
                .followRedirects(java.net.http.HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectTimeout())
                .build();
        this.settings = settings;
        this.secret = secret;
        this.clock = clock;
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
        throw new UnsupportedOperationException("Answers are streamed, so that one that stalls is noticed.");
    }

    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        try {
            Opened opened = open(request, new ExchangeTime(settings.timeout(), settings.stallTimeout()));
            try (BodyStream body = opened.body()) {
                int status = opened.head().statusCode();
                if (status / 100 != 2) {
                    throw EndpointException.refused(
                            status, retryAfter(opened.head().headers()), text(body));
                }
                CompletionWatch watch = new CompletionWatch(listener, secret, body::close);
                parse(parser, body, watch);
                watch.end();
            }
        } catch (EndpointException e) {
            listener.onError(e);
        }
    }

    /** An answer whose head has come. */
    private record Opened(HttpResponse.ResponseInfo head, BodyStream body) {}

    private static void parse(ServerSentEventParser parser, BodyStream body, CompletionWatch watch) {
        try {
            parser.parse(body, watch);
        } catch (EndpointException e) {
            if (e.kind() == Kind.CANCELLED) {
                throw e;
            }
            watch.onError(e);
        }
    }

    /** The client's own future would do, but it fails when the connection breaks soon after the head, and then the body is lost. */
    private Opened open(HttpRequest request, ExchangeTime time) {
        CompletableFuture<Opened> opened = new CompletableFuture<>();
        CompletableFuture<?> exchange = client.sendAsync(toJdk(request), head -> {
            BodyStream body = new BodyStream(time);
            opened.complete(new Opened(head, body));
            return body;
        });
        var _ = exchange.whenComplete((response, failure) -> {
            if (failure != null) {
                opened.completeExceptionally(failure);
            }
        });
        try {
            return opened.get(time.silence().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            abandon(exchange, opened);
            throw new EndpointException(time.silenceOver(), "");
        } catch (InterruptedException e) {
            abandon(exchange, opened);
            Thread.currentThread().interrupt();
            throw new EndpointException(Kind.CANCELLED, "");
        } catch (ExecutionException e) {
            throw new EndpointException(Kind.UNREACHABLE, reason(e.getCause()));
        }
    }

    /** Ends the exchange, even if its head arrives at this very moment. */
    private static void abandon(CompletableFuture<?> exchange, CompletableFuture<Opened> opened) {
        exchange.cancel(true);
        var _ = opened.thenAccept(answer -> answer.body().close());
    }

    private String reason(@Nullable Throwable failure) {
        return switch (failure) {
            case null -> "";
            case HttpConnectTimeoutException _ ->
                "no connection within " + settings.connectTimeout().toSeconds() + " s";
            case ConnectException e
            when e.getCause() instanceof UnresolvedAddressException -> "there is no host of that name";
            case ConnectException _ -> "the connection is refused";
            default -> secret.redact(String.valueOf(failure.getMessage()));
        };
    }

    private java.net.http.HttpRequest toJdk(HttpRequest request) {
        String body = request.body();
        java.net.http.HttpRequest.Builder builder = java.net.http.HttpRequest.newBuilder(URI.create(request.url()))
                .method(
                        request.method().name(),
                        body == null
                                ? java.net.http.HttpRequest.BodyPublishers.noBody()
                                : java.net.http.HttpRequest.BodyPublishers.ofString(body, UTF_8));
        request.headers().forEach((name, values) -> values.forEach(value -> builder.header(name, value)));
        return builder.build();
    }

    /** What the endpoint says about its refusal. That it refused is known even if the rest does not come. */
    private String text(BodyStream body) {
        try {
            return secret.redact(new String(body.readNBytes(ERROR_BYTES), UTF_8));
        } catch (EndpointException e) {
            if (e.kind() == Kind.CANCELLED) {
                throw e;
            }
            return "";
        } catch (IOException e) {
            throw new IllegalStateException(e); // BodyStream throws none
        }
    }

    /** Seconds or an HTTP date, see RFC 9110, section 10.2.3. */
    private @Nullable Duration retryAfter(HttpHeaders headers) {
        Optional<String> value =
                headers.firstValue("Retry-After").map(String::strip).filter(text -> !text.isEmpty());
        if (value.isEmpty()) {
            return null;
        }
        try {
            if (Character.isDigit(value.get().charAt(0))) {
                double seconds = Math.min(Double.parseDouble(value.get()), (double) LONGEST_WAIT.toSeconds());
                return Duration.ofMillis((long) (seconds * 1000));
            }
            Instant at = ZonedDateTime.parse(value.get(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration wait = Duration.between(clock.instant(), at);
            if (wait.isNegative()) {
                return Duration.ZERO;
            }
            return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        } catch (NumberFormatException | DateTimeParseException e) {
            return null; // not a time: the stage waits as long as it does without one
        }
    }

    /** Hands this client to LangChain4j, whose own idea of timeouts is passed over: it knows one for connection and head alone. */
    HttpClientBuilder builder() {
        return new HttpClientBuilder() {
            @Override
            public Duration connectTimeout() {
                return settings.connectTimeout();
            }

            @Override
            public HttpClientBuilder connectTimeout(Duration value) {
                return this;
            }

            @Override
            public Duration readTimeout() {
                return settings.stallTimeout();
            }

            @Override
            public HttpClientBuilder readTimeout(Duration value) {
                return this;
            }

            @Override
            public HttpClient build() {
                return EndpointHttpClient.this;
            }
        };
    }
}
