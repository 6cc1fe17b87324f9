package io.penstock.capture;

import io.penstock.stage.CallException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A capture over HTTP that is attacked: it knows names of its own, and may reach what a test allows. */
final class AttackRig implements AutoCloseable {
    static final int LIMIT = 100_000;
    /** Public, and never connected to: what the tests look up under a good name. */
    static final String PUBLIC = "93.184.216.34";

    /** More than any test needs that is not about time, even where the machine has much else to do. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final Map<String, List<String>> names = new HashMap<>();
    final Outbound outbound;
    final HttpSource source;

    /** @param allowed what may be reached besides the public internet */
    AttackRig(String... allowed) {
        this(null, PATIENCE, allowed);
    }

    /** @param patience how long a request may take */
    AttackRig(Duration patience, String... allowed) {
        this(null, patience, allowed);
    }

    AttackRig(SSLContext trust, String... allowed) {
        this(trust, PATIENCE, allowed);
    }

    private AttackRig(@Nullable SSLContext trust, Duration patience, String... allowed) {
        CaptureSettings settings = CaptureSettings.of(Path.of("config"))
                .withHosts(Set.of(allowed))
                .withLimits(LIMIT, 2 * LIMIT)
                .withTimeouts(patience, patience);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-05-01T10:00:00Z"));
        outbound = new Outbound(settings, clock, Pace.UNLIMITED, this::resolve, trust, new CaptureCounters());
        source = new HttpSource(outbound, clock, new Secrets(Set.of(), _ -> null));
    }

    /** Literals as the JVM reads them, and the names of the test; nobody is asked. */
    private InetAddress[] resolve(String host) throws UnknownHostException {
        if (names.containsKey(host)) {
            return names.get(host).stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
        }
        if (host.matches("[0-9.]+|\\[.*]|localhost")) {
            return InetAddress.getAllByName(host);
        }
        throw new UnknownHostException(host);
    }

    /** What an address holds. */
    byte[] fetch(String uri) throws CallException, InterruptedException {
        return source.fetch(Requests.http(uri, "x"))
                .items()
                .getFirst()
                .content()
                .content();
    }

    /** The code of the failure that a capture ends with. */
    String failure(String uri) {
        return Requests.failure(source, Requests.http(uri, "x")).code();
    }

    String failure(CaptureRequest request) {
        return Requests.failure(source, request).code();
    }

    @Override
    public void close() {
        source.close();
    }
}
