package io.penstock.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a request on the event loop before anything else sees the request, so that a client that sends slowly takes no
 * worker thread meanwhile.
 */
final class RequestBody {
    /** What callers send who mean JSON: {@code curl -d} says that it is a form, and some clients say nothing. */
    private static final Set<String> TAKEN_FOR_JSON = Set.of(
            "application/json",
            "text/json",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/octet-stream");

    private static final Set<String> CHARSETS = Set.of("utf-8", "utf8", "us-ascii");

    private final RoutingContext call;
    private final Buffer body = Buffer.buffer();
    private boolean done;

    private RequestBody(RoutingContext call) {
        this.call = call;
    }

    /**
     * Goes on with the request once its body is there.
     *
     * @param tooLarge called instead when the body is larger than {@link AccessFilter#MAX_BODY_BYTES}
     */
    static void read(RoutingContext call, Consumer<RoutingContext> tooLarge) {
        HttpServerRequest request = call.request();
        if (!isExpected(request)) {
            call.next();
            return;
        }
        RequestBody reader = new RequestBody(call);
        request.exceptionHandler(failure -> {
            boolean waits = !reader.done && !(failure instanceof HttpClosedException);
            reader.done = true;
            if (waits) {
                call.fail(failure);
            }
        });
        request.handler(chunk -> reader.add(chunk, tooLarge));
        request.endHandler(end -> reader.end());
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        request.resume();
    }

    static boolean isExpected(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return request.getHeader("Transfer-Encoding") != null
                || (length != null && !length.strip().equals("0"));
    }

    private void add(Buffer chunk, Consumer<RoutingContext> tooLarge) {
        if (done) {
            return;
        }
        if (body.length() + (long) chunk.length() > AccessFilter.MAX_BODY_BYTES) {
            done = true;
            tooLarge.accept(call);
            return;
        }
        body.appendBuffer(chunk);
    }

    private void end() {
        if (done) {
            return;
        }
        done = true;
        RoutingContextInternal internal = (RoutingContextInternal) call;
        internal.setBody(body);
        internal.visitHandler(RoutingContextInternal.BODY_HANDLER);
        call.next();
    }

    /** What is wrong with the headers that describe the body of a call that wants JSON; null when nothing is. */
    static @Nullable String unsupported(HttpServerRequest request) {
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
            return "A body is taken as it is: send it without Content-Encoding.";
        }
        String contentType = request.getHeader("Content-Type");
        if (contentType == null || contentType.isBlank()) {
            return null;
        }
        String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
        String type = parts[0].strip();
        if (!TAKEN_FOR_JSON.contains(type) && !type.matches("application/[a-z0-9.+-]*\\+json")) {
            return "A body is JSON: send it as application/json, not as this media type.";
        }
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().replace("\"", "");
            if (parameter.startsWith("charset=") && !CHARSETS.contains(parameter.substring("charset=".length()))) {
                return "JSON is UTF-8: send it in that, not in another charset.";
            }
        }
        return null;
    }
}
