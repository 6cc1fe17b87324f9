package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.HttpsSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request and reads the answer, in bounded size and time. It connects to nothing but the addresses that the guard has
 * judged, through no proxy, follows nothing, remembers no cookies and repeats nothing by itself.
 *
 * <p><b>Threading.</b> May be used from any thread.
 */
final class Exchanges implements AutoCloseable {
    private static final String AGENT = "Penstock";
    private static final int CUT_OF_ERRORS = 16 * 1024;
    private static final int MOST_HEADERS = 200;
    private static final int LONGEST_HEADER = 16 * 1024;
    private static final int MOST_EMPTY_LINES = 10;
    private static final int MOST_CONNECTIONS = 2048;
    private static final TimeValue IDLE = TimeValue.ofSeconds(15);
    /** So that a host which moves is noticed, and a connection never outlasts what was judged for long. */
    private static final TimeValue OLDEST = TimeValue.ofMinutes(1);

    private final CaptureSettings settings;
    private final JudgedAddresses addresses;
    private final @Nullable SSLContext trust;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable CloseableHttpClient client;
    private boolean closed;

    /** @param trust which certificates are trusted; null for those that the JVM trusts */
    Exchanges(CaptureSettings settings, AddressGuard guard, @Nullable SSLContext trust) {
        this.settings = settings;
        this.addresses = new JudgedAddresses(guard);
        this.trust = trust;
    }

    /** Made when it is first needed: reading the trusted certificates would slow the start of every application down. */
    private synchronized CloseableHttpClient client() throws IOException {
        if (closed) {
            throw new InterruptedIOException("capture is closed");
        }
        if (client == null) {
            client = newClient();
        }
        return client;
    }

    private CloseableHttpClient newClient() {
        Timeout longest = Timeout.of(settings.requestTimeout());
        DefaultClientTlsStrategy tls = new DefaultClientTlsStrategy(
                trust == null ? SSLContexts.createSystemDefault() : trust,
                HostnameVerificationPolicy.BOTH,
                HttpsSupport.getDefaultHostnameVerifier());
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(addresses)
                        .setTlsSocketStrategy(tls)
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(Http1Config.custom()
                                        .setMaxHeaderCount(MOST_HEADERS)
                                        .setMaxLineLength(LONGEST_HEADER)
                                        .setMaxEmptyLineCount(MOST_EMPTY_LINES)
                                        .build())
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(settings.connectTimeout()))
                                .setSocketTimeout(longest)
                                .setTimeToLive(OLDEST)
                                // A server may have closed it meanwhile; to ask it then would look like a failure.
                                .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                                .build())
                        .setMaxConnPerRoute(settings.perHost())
                        .setMaxConnTotal(MOST_CONNECTIONS)
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(longest)
                        .setResponseTimeout(longest)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setUserAgent(AGENT)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .disableConnectionState()
                .evictIdleConnections(IDLE)
                .build();
    }

    /**
     * @param limitNanos longest time for all of it
     * @throws SocketTimeoutException when that has passed
     * @throws IOException when there is no whole answer
     */
    HttpReply send(HttpRequests.Outgoing outgoing, long limitNanos) throws IOException, InterruptedException {
        HttpUriRequestBase request = request(outgoing);
        Future<HttpReply> answer = threads.submit(() -> exchange(request, outgoing.uri()));
        try {
            return answer.get(Math.max(0, limitNanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            SocketTimeoutException timeout = new SocketTimeoutException("no whole answer in time");
            timeout.initCause(e);
            throw timeout;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } finally {
            if (!answer.isDone()) {
                request.cancel(); // breaks the connection off, whatever comes over it
                answer.cancel(true);
            }
        }
    }

    private static HttpUriRequestBase request(HttpRequests.Outgoing outgoing) {
        HttpUriRequestBase request = new HttpUriRequestBase(outgoing.method(), outgoing.uri());
        outgoing.headers().forEach(request::setHeader);
        if (outgoing.body() != null) {
            request.setEntity(new ByteArrayEntity(outgoing.body().getBytes(UTF_8), null));
        }
        return request;
    }

    private HttpReply exchange(HttpUriRequestBase request, URI uri) throws IOException {
        HttpHost host = new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort());
        ClassicHttpResponse response = client().executeOpen(host, request, HttpClientContext.create());
        try {
            return reply(request, uri, response);
        } finally {
            end(response);
        }
    }

    private HttpReply reply(HttpUriRequestBase request, URI uri, ClassicHttpResponse response) throws IOException {
        int status = response.getCode();
        HttpHeaders headers = headers(response);
        HttpEntity entity = response.getEntity();
        if (entity == null) {
            return new HttpReply(uri, status, headers, new byte[0], 0);
        }
        if (status < 200 || status >= 300) {
            byte[] begin = begin(request, entity);
            return new HttpReply(uri, status, headers, begin, begin.length);
        }
        byte[] body = body(request, entity);
        return new HttpReply(
                uri,
                status,
                headers,
                Decompression.decoded(body, headers.allValues("Content-Encoding"), settings.maxContentBytes()),
                body.length);
    }

    /** Gives the connection back, or what is left of it. */
    private static void end(ClassicHttpResponse response) {
        try {
            response.close();
        } catch (IOException e) {
            // What was wanted has been read, and what was not read is not wanted.
        }
    }

    private byte[] body(HttpUriRequestBase request, HttpEntity entity) throws IOException {
        try {
            if (entity.getContentLength() > settings.maxContentBytes()) {
                throw new BoundedBody.TooLargeException(settings.maxContentBytes());
            }
            return BoundedBody.whole(entity.getContent(), settings.maxContentBytes());
        } catch (BoundedBody.TooLargeException e) {
            request.cancel(); // else the rest would be read, to use the connection again
            throw e;
        }
    }

    private static byte[] begin(HttpUriRequestBase request, HttpEntity entity) throws IOException {
        InputStream in = entity.getContent();
        byte[] begin = in.readNBytes(CUT_OF_ERRORS);
        if (begin.length == CUT_OF_ERRORS) {
            request.cancel();
        }
        return begin;
    }

    private static HttpHeaders headers(ClassicHttpResponse response) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Header header : response.getHeaders()) {
            String name = header.getName().strip();
            if (!name.isEmpty()) {
                headers.computeIfAbsent(name, _ -> new ArrayList<>())
                        .add(header.getValue() == null ? "" : header.getValue());
            }
        }
        return HttpHeaders.of(headers, (_, _) -> true);
    }

    /** Breaks off what is under way. */
    @Override
    public void close() {
        CloseableHttpClient closing;
        synchronized (this) {
            closed = true;
            closing = client;
        }
        threads.shutdownNow();
        if (closing != null) {
            closing.close(CloseMode.IMMEDIATE);
        }
    }
}
