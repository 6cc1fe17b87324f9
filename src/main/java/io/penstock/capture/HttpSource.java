package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Asks HTTP servers: for pages, for records within them, and for feeds. Redirects are followed by hand, so that each address is checked before it is connected to; time and size
 * are bounded over all of them. Proxies are not used, for a proxy would connect to addresses that were never checked.
 */
final class HttpSource implements Source, AutoCloseable {
    private static final int CUT_OF_ERRORS = 16 * 1024;
    private static final String AGENT = "Penstock";

    private final CaptureSettings settings;
    private final AddressGuard guard;
    private final InstantSource clock;
    private final Secrets secrets;
    private final CaptureCounters counters;
    private final HttpClient client;

    HttpSource(CaptureSettings settings, InstantSource clock) {
        this(settings, clock, InetAddress::getAllByName);
    }

    HttpSource(CaptureSettings settings, InstantSource clock, AddressGuard.Resolver resolver) {
        this(settings, clock, resolver, Secrets.of(settings), new CaptureCounters());
    }

    HttpSource(
            CaptureSettings settings,
            InstantSource clock,
            AddressGuard.Resolver resolver,
            Secrets secrets,
            CaptureCounters counters) {
        this.secrets = secrets;
        this.counters = counters;
        this.settings = settings;
        this.clock = clock;
        this.guard = new AddressGuard(settings.hosts(), resolver);
        this.client = HttpClient.newBuilder()
                .connectTimeout(settings.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    @Override
    public Fetched fetch(CaptureRequest request) throws CallException, InterruptedException {
        SecretsInUse inUse = new SecretsInUse(secrets);
        try {
            return new PagedFetch(this, settings, request, inUse).run();
        } catch (CallException e) {
            throw inUse.masked(e);
        }
    }

    /**
     * One request and its answer, redirects followed. Every request of every source goes through here.
     *
     * @param validators what is known of the content, to be asked only whether it has changed
     * @param deadline on {@link System#nanoTime()}
     * @throws CallException for every answer that is no success
     */
    HttpAnswer exchange(
            CaptureRequest request, HttpRequests.Outgoing first, @Nullable Validators validators, long deadline)
            throws CallException, InterruptedException {
        HttpRequests.Outgoing outgoing = first;
        for (int redirects = 0; redirects <= settings.maxRedirects(); redirects++) {
            guard.check(outgoing.uri());
            HttpResponse<byte[]> response = send(validators == null ? outgoing : validators.on(outgoing), deadline);
            counters.countResponse(response.statusCode(), response.body().length);
            Optional<URI> target = redirect(outgoing.uri(), response);
            if (target.isEmpty()) {
                return answer(
                        outgoing.uri(),
                        response,
                        response.statusCode() == 304 && validators != null && validators.concern(outgoing));
            }
            outgoing = redirected(outgoing, target.get(), response.statusCode());
        }
        throw CallException.permanent(
                ErrorCode.CAPTURE_STATUS.code(),
                "More than " + settings.maxRedirects() + " redirects; the last led to " + Uris.shown(outgoing.uri())
                        + ".");
    }

    private HttpResponse<byte[]> send(HttpRequests.Outgoing outgoing, long deadline)
            throws CallException, InterruptedException {
        String shown = Uris.shown(outgoing.uri());
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(
                request(outgoing),
                info -> new BoundedBody(
                        isSuccess(info.statusCode()) ? settings.maxContentBytes() : CUT_OF_ERRORS,
                        !isSuccess(info.statusCode())));
        try {
            return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw timeout(shown, e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw failure(shown, e.getCause() == null ? e : e.getCause());
        }
    }

    private static HttpRequest request(HttpRequests.Outgoing outgoing) throws CallException {
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(outgoing.uri())
                    .setHeader("User-Agent", AGENT)
                    .method(
                            outgoing.method(),
                            outgoing.body() == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(outgoing.body()));
            outgoing.headers().forEach(builder::setHeader);
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw Failures.refused("The request cannot be made: " + e.getMessage() + ".");
        }
    }

    private CallException failure(String shown, Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof BoundedBody.TooLargeException) {
                return Failures.tooLarge("The content of " + shown, settings.maxContentBytes());
            }
        }
        if (cause instanceof HttpTimeoutException timeout) { // among them the one for connections
            return timeout(shown, timeout);
        }
        return CallException.retryable(
                ErrorCode.CAPTURE_UNREACHABLE.code(), shown + " cannot be reached: " + cause + ".", cause);
    }

    private CallException timeout(String shown, Exception cause) {
        return CallException.retryable(
                ErrorCode.CAPTURE_TIMEOUT.code(),
                shown + " did not answer in full within " + settings.requestTimeout() + " (" + settings.connectTimeout()
                        + " to connect).",
                cause);
    }

    private static Optional<URI> redirect(URI from, HttpResponse<byte[]> response) throws CallException {
        int status = response.statusCode();
        if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) {
            return Optional.empty();
        }
        Optional<String> location = response.headers().firstValue("Location");
        if (location.isEmpty()) {
            return Optional.empty();
        }
        URI target;
        try {
            target = Uris.resolved(from, location.get());
        } catch (IllegalArgumentException e) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_STATUS.code(), Uris.shown(from) + " redirects to what is no address.", e);
        }
        refuseDowngrade(from, target, "redirects");
        return Optional.of(target);
    }

    static void refuseDowngrade(URI from, URI target, String how) throws CallException {
        if ("https".equalsIgnoreCase(from.getScheme()) && !"https".equalsIgnoreCase(target.getScheme())) {
            throw Failures.refused(Uris.shown(from) + " " + how + " from https to " + target.getScheme() + ".");
        }
    }

    /** What was configured for one server, its keys above all, does not go to another. */
    static HttpRequests.Outgoing redirected(HttpRequests.Outgoing outgoing, URI target, int status) {
        boolean keepsMethod =
                status == 307 || status == 308 || outgoing.method().equals("GET");
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        outgoing.headers().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean harmless =
                    lower.equals("accept") || lower.equals("accept-language") || lower.equals("content-type");
            if (Uris.sameOrigin(outgoing.uri(), target) || harmless) {
                headers.put(name, value);
            }
        });
        if (!keepsMethod) {
            headers.remove("Content-Type");
            return new HttpRequests.Outgoing(target, "GET", headers, null);
        }
        return new HttpRequests.Outgoing(target, outgoing.method(), headers, outgoing.body());
    }

    private HttpAnswer answer(URI uri, HttpResponse<byte[]> response, boolean notModified) throws CallException {
        String shown = Uris.shown(uri);
        if (!notModified && !isSuccess(response.statusCode())) {
            throw failed(shown, response);
        }
        HttpHeaders headers = response.headers();
        return new HttpAnswer(
                uri,
                response.statusCode(),
                notModified,
                notModified ? new byte[0] : decompressed(shown, response),
                headers.firstValue("Content-Type").orElse(null),
                headers.firstValue("ETag").orElse(null),
                headers.firstValue("Last-Modified").orElse(null),
                headers.allValues("Link"));
    }

    private CallException failed(String shown, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        String code = ErrorCode.CAPTURE_STATUS.code();
        String message = shown + " answered " + status + ".";
        if (status == 404 || status == 410) {
            return CallException.permanent(ErrorCode.CAPTURE_NOT_FOUND.code(), message);
        }
        if (status == 429 || status == 503) {
            Optional<Duration> wait = response.headers()
                    .firstValue("Retry-After")
                    .flatMap(header -> RetryAfter.parse(header, clock.instant()));
            if (wait.isPresent()) {
                return CallException.retryAfter(code, message, wait.get());
            }
        }
        boolean mayPass = status >= 500 || status == 429 || status == 408 || status == 425;
        return mayPass ? CallException.retryable(code, message, null) : CallException.permanent(code, message);
    }

    /** We ask for no compression; a server that compresses anyway is bounded by what comes out, not by what went in. */
    private byte[] decompressed(String shown, HttpResponse<byte[]> response) throws CallException {
        String encoding = response.headers()
                .firstValue("Content-Encoding")
                .orElse("identity")
                .strip()
                .toLowerCase(Locale.ROOT);
        if (encoding.isEmpty() || encoding.equals("identity")) {
            return response.body();
        }
        if (!encoding.equals("gzip") && !encoding.equals("x-gzip")) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_UNREADABLE.code(), shown + " sent content compressed as '" + encoding + "'.");
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            byte[] content = in.readNBytes(settings.maxContentBytes() + 1);
            if (content.length > settings.maxContentBytes()) {
                throw Failures.tooLarge("The decompressed content of " + shown, settings.maxContentBytes());
            }
            return content;
        } catch (IOException e) {
            throw CallException.retryable(
                    ErrorCode.CAPTURE_UNREADABLE.code(), shown + " sent broken gzip: " + e.getMessage() + ".", e);
        }
    }

    private static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    /** Breaks off what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
