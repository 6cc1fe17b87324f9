package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Asks an HTTP server. */
final class HttpSource implements Source, AutoCloseable {
    private final InstantSource clock;
    private final Outbound outbound;

    HttpSource(CaptureSettings settings, InstantSource clock) {
        this(new Outbound(settings, clock, Pace.UNLIMITED), clock);
    }

    /** @param outbound is closed with the source */
    HttpSource(Outbound outbound, InstantSource clock) {
        this.outbound = outbound;
        this.clock = clock;
    }

    @Override
    public CapturedContent fetch(CaptureRequest request) throws CallException, InterruptedException {
        HttpReply reply = outbound.begin(request.processor()).send(HttpRequests.of(request), UnaryOperator.identity());
        if (!reply.isSuccess()) {
            throw failed(reply);
        }
        return content(request, reply);
    }

    private static CapturedContent content(CaptureRequest request, HttpReply reply) {
        String given = request.source().getContentType();
        String type = given != null
                ? given
                : reply.headers()
                        .firstValue("Content-Type")
                        .orElseGet(() -> ContentTypes.of(reply.uri().getPath(), reply.body()));
        Map<String, String> attributes = new TreeMap<>();
        attributes.put("http_status", Integer.toString(reply.statusCode()));
        reply.headers().firstValue("ETag").ifPresent(tag -> attributes.put("etag", tag));
        reply.headers().firstValue("Last-Modified").ifPresent(date -> attributes.put("last_modified", date));
        return new CapturedContent(reply.body(), type, Uris.cited(reply.uri()), attributes);
    }

    private CallException failed(HttpReply reply) {
        int status = reply.statusCode();
        String code = ErrorCode.CAPTURE_STATUS.code();
        String message = Uris.shown(reply.uri()) + " answered " + status + ".";
        if (status == 404 || status == 410) {
            return CallException.permanent(ErrorCode.CAPTURE_NOT_FOUND.code(), message);
        }
        if (status == 429 || status == 503) {
            Optional<Duration> wait = RetryAfter.of(reply, clock.instant());
            if (wait.isPresent()) {
                return CallException.retryAfter(code, message, wait.get());
            }
        }
        boolean mayPass = status >= 500 || status == 429 || status == 408 || status == 425;
        return mayPass ? CallException.retryable(code, message, null) : CallException.permanent(code, message);
    }

    /** Breaks off what is under way. */
    @Override
    public void close() {
        outbound.close();
    }
}
