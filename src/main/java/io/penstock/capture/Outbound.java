package io.penstock.capture;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The one way out: every request of every capture goes through a {@link Conversation} that is begun here. Make one for the process;
 * close it at the end.
 *
 * <p><b>Threading.</b> May be used from any thread.
 */
final class Outbound implements AutoCloseable {
    /** How long a request may wait while as many as may be are under way at its host. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final CaptureSettings settings;
    private final AddressGuard guard;
    private final Exchanges exchanges;
    private final OutboundCounters counters = new OutboundCounters();
    private final CaptureCounters received;
    private final Hosts hosts;
    private final Pace pace;
    private final InstantSource clock;

    Outbound(CaptureSettings settings, InstantSource clock, Pace pace) {
        this(settings, clock, pace, InetAddress::getAllByName, null, new CaptureCounters());
    }

    /** @param trust which certificates are trusted; null for those that the JVM trusts */
    Outbound(
            CaptureSettings settings,
            InstantSource clock,
            Pace pace,
            AddressGuard.Resolver resolver,
            @Nullable SSLContext trust,
            CaptureCounters received) {
        this.received = received;
        this.settings = settings;
        this.guard = new AddressGuard(settings.hosts(), resolver);
        this.exchanges = new Exchanges(settings, guard, trust);
        this.hosts = new Hosts(settings.perHost(), PATIENCE, new SourcedClock(clock), counters);
        this.pace = pace;
        this.clock = clock;
    }

    /** The requests of one capture. */
    Conversation begin(String processor) {
        return begin(processor, new EntryTime(settings.task().timeout()));
    }

    /** @param time that all of them have together */
    Conversation begin(String processor, EntryTime time) {
        return new Conversation(processor, this, time);
    }

    CaptureSettings settings() {
        return settings;
    }

    AddressGuard guard() {
        return guard;
    }

    Exchanges exchanges() {
        return exchanges;
    }

    OutboundCounters counters() {
        return counters;
    }

    CaptureCounters received() {
        return received;
    }

    Hosts hosts() {
        return hosts;
    }

    Pace pace() {
        return pace;
    }

    Instant now() {
        return clock.instant();
    }

    @Override
    public void close() {
        exchanges.close();
    }
}
