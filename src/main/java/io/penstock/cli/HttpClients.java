package io.penstock.cli;

import java.net.URI;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** The JDK's client, in the form that starts and ends soonest. */
final class HttpClients {
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);
    private static final Duration END_PATIENCE = Duration.ofMillis(100);
    private static final Queue<HttpClient> MADE = new ConcurrentLinkedQueue<>();

    private HttpClients() {}

    static HttpClient of(URI url) {
        return "https".equals(url.getScheme()) ? Encrypted.CLIENT : Plain.CLIENT;
    }

    /** Ends the threads of the clients that were made: at its end a JVM waits 300 ms for one that waits for the network. */
    static void close() {
        MADE.forEach(HttpClient::shutdownNow);
        try {
            for (HttpClient client : MADE) {
                client.awaitTermination(END_PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HttpClient made(HttpClient.Builder builder) {
        HttpClient client = builder.version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_PATIENCE)
                .build();
        MADE.add(client);
        return client;
    }

    private static final class Encrypted {
        static final HttpClient CLIENT = made(HttpClient.newBuilder());
    }

    /** A client reads the certificates that it trusts when it is made, which takes a while and serves no purpose here. */
    private static final class Plain {
        static final HttpClient CLIENT = made(HttpClient.newBuilder().sslContext(trustingNobody()));

        private static SSLContext trustingNobody() {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(new KeyManager[0], new TrustManager[0], null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e); // every JDK has TLS
            }
        }
    }
}
