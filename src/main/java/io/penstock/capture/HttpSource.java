package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Asks HTTP servers: for pages, for records within them, and for feeds. */
final class HttpSource implements Source, AutoCloseable {
    private final InstantSource clock;
    private final Outbound outbound;
    private final Secrets secrets;

    HttpSource(CaptureSettings settings, InstantSource clock) {
        this(new Outbound(settings, clock, Pace.UNLIMITED), clock, Secrets.of(settings));
    }

    /** @param outbound is closed with the source */
    HttpSource(Outbound outbound, InstantSource clock, Secrets secrets) {
        this.outbound = outbound;
        this.clock = clock;
        this.secrets = secrets;
    }

    @Override
    public Fetched fetch(CaptureRequest request) throws CallException, InterruptedException {
        SecretsInUse inUse = new SecretsInUse(secrets);
        try {
            return new PagedFetch(this, outbound.settings(), request, inUse).run();
        } catch (CallException e) {
            throw inUse.masked(e);
        }
    }

    /** The requests of one capture. */
    Conversation begin(CaptureRequest request, EntryTime time) {
        return outbound.begin(request.processor(), time);
    }

    /**
     * One request and its answer, redirects followed.
     *
     * @param validators what is known of the content, to be asked only whether it has changed
     * @param deadline on {@link System#nanoTime()}
     * @throws CallException for every answer that is no success
     */
    HttpAnswer exchange(
            Conversation conversation, HttpRequests.Outgoing first, @Nullable Validators validators, long deadline)
            throws CallException, InterruptedException {
        HttpReply reply = conversation.send(
                first,
                validators == null ? UnaryOperator.identity() : validators::on,
                Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        boolean notModified = reply.statusCode() == 304
                && validators != null
                && validators.uri().equals(reply.uri());
        if (!notModified && !reply.isSuccess()) {
            throw failed(reply);
        }
        return new HttpAnswer(
                reply.uri(),
                reply.statusCode(),
                notModified,
                notModified ? new byte[0] : reply.body(),
                reply.headers().firstValue("Content-Type").orElse(null),
                reply.headers().firstValue("ETag").orElse(null),
                reply.headers().firstValue("Last-Modified").orElse(null),
                reply.headers().allValues("Link"));
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
