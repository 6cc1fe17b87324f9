package io.penstock.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Peers that are told, not found, and that are called for real. */
public final class LoopbackPeers implements Peers, AutoCloseable {
    private final PeerCalls calls;
    private volatile List<Peer> alive;

    public LoopbackPeers(String apiKey, Peer... peers) {
        calls = new PeerCalls(apiKey);
        alive = List.of(peers);
    }

    public void become(Peer... peers) {
        alive = List.of(peers);
    }

    @Override
    public List<Peer> alive() {
        return alive;
    }

    @Override
    public List<PeerAnswer> ask(
            List<Peer> peers, String path, JsonNode question, Duration patience, Predicate<JsonNode> enough) {
        return calls.ask(peers, path, question, patience, enough);
    }

    @Override
    public void close() {
        calls.close();
    }
}
