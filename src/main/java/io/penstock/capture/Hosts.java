package io.penstock.capture;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The gates of all servers that are known. May be used from any thread. */
final class Hosts {
    /** Beyond so many, those at which nothing happens are forgotten. */
    private static final int MOST_KEPT = 4096;

    private final ConcurrentMap<String, HostGate> gates = new ConcurrentHashMap<>();
    private final int most;
    private final Duration patience;
    private final Clock clock;
    private final OutboundCounters counters;

    /**
     * @param most requests at once to one server
     * @param patience how long a request may wait for its place
     */
    Hosts(int most, Duration patience, Clock clock, OutboundCounters counters) {
        this.most = most;
        this.patience = patience;
        this.clock = clock;
        this.counters = counters;
    }

    HostGate of(URI uri) {
        if (gates.size() > MOST_KEPT) {
            gates.values().removeIf(HostGate::isForgettable);
        }
        return gates.computeIfAbsent(Uris.server(uri), server -> new HostGate(server, most, patience, clock, counters));
    }

    /** Servers that are left alone at present, because they are down. */
    int paused() {
        return (int) gates.values().stream().filter(HostGate::isPaused).count();
    }
}
