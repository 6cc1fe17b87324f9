package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Servers that are not who they say they are. All listen on this machine under names that only the test knows.
 *
 * <p>The keys were made by {@code keytool -genkeypair -keyalg EC -alias X -dname CN=X.example -ext SAN=dns:X.example -keystore keys.p12}:
 * {@code authority} with {@code -ext bc:critical=ca:true}, {@code good} and {@code expired} with {@code -signer authority},
 * {@code stranger} without; all for a hundred years from 2020 on, but {@code expired} for five days.
 */
class TlsAttacksTest {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();

    private static KeyStore keys;
    private static HttpsServer good;
    private static HttpsServer expired;
    private static HttpsServer stranger;
    private static AttackRig rig;

    @BeforeAll
    static void start() throws Exception {
        keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of("src/test/resources/tls/keys.p12"))) {
            keys.load(in, PASSWORD);
        }
        good = server("good");
        expired = server("expired");
        stranger = server("stranger");
        rig = new AttackRig(
                trustingTheAuthority(), "good.example", "other.example", "expired.example", "stranger.example");
        for (String name : List.of("good.example", "other.example", "expired.example", "stranger.example")) {
            rig.names.put(name, List.of("127.0.0.1"));
        }
    }

    @AfterAll
    static void stop() {
        rig.close();
        for (HttpsServer server : List.of(good, expired, stranger)) {
            server.stop(0);
        }
        THREADS.shutdownNow();
    }

    /** What the others differ from in one point each. */
    @Test
    void shouldCaptureFromWhomItTrusts() throws Exception {
        assertThat(rig.fetch(uri("good.example", good))).isEqualTo("over TLS".getBytes(UTF_8));
    }

    @Attack("certificate-of-its-own")
    @Test
    void shouldNotTrustACertificateThatNobodySigned() {
        assertThat(rig.failure(uri("stranger.example", stranger))).isEqualTo("capture.certificate");
    }

    @Attack("certificate-of-another-host")
    @Test
    void shouldNotTrustACertificateForAnotherHost() {
        assertThat(rig.failure(uri("other.example", good))).isEqualTo("capture.certificate");
    }

    @Attack("expired-certificate")
    @Test
    void shouldNotTrustAnExpiredCertificate() {
        assertThat(rig.failure(uri("expired.example", expired))).isEqualTo("capture.certificate");
    }

    @Attack("no-tls-where-it-is-said")
    @Test
    void shouldNotSpeakInTheClearWhereTlsIsMeant() throws Exception {
        try (RawServer plain = RawServer.answering("in the clear");
                AttackRig brief = new AttackRig(Duration.ofSeconds(1), "good.example")) {
            brief.names.put("good.example", List.of("127.0.0.1"));
            assertThat(brief.failure("https://good.example:" + plain.port() + "/"))
                    .startsWith("capture.");
            assertThat(plain.requests()).noneMatch(request -> request.contains("GET"));
        }
    }

    @Attack("redirect-to-plain-http")
    @Test
    void shouldNotBeLedFromHttpsToHttp() throws Exception {
        try (RawServer plain = RawServer.answering("in the clear")) {
            assertThat(rig.failure(uri("good.example", good) + "?to=http://good.example:" + plain.port() + "/"))
                    .isEqualTo("capture.refused");
            assertThat(plain.requests()).isEmpty();
        }
    }

    private static String uri(String host, HttpsServer server) {
        return "https://" + host + ":" + server.getAddress().getPort() + "/";
    }

    private static SSLContext trustingTheAuthority() throws Exception {
        KeyStore trusted = emptyStore();
        trusted.setCertificateEntry("authority", keys.getCertificate("authority"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore emptyStore() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        return store;
    }

    private static HttpsServer server(String alias) throws Exception {
        KeyStore own = emptyStore();
        own.setKeyEntry(alias, keys.getKey(alias, PASSWORD), PASSWORD, keys.getCertificateChain(alias));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(own, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.setExecutor(THREADS);
        server.createContext("/", exchange -> {
            try (exchange) {
                String query = exchange.getRequestURI().getRawQuery();
                if (query != null) {
                    exchange.getResponseHeaders().add("Location", query.substring("to=".length()));
                    exchange.sendResponseHeaders(302, -1);
                    return;
                }
                byte[] body = "over TLS".getBytes(UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        return server;
    }
}
