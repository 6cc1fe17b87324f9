package io.penstock.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** The other instances, as seen from here. May be used from any thread. */
public interface Peers {
    /** For an instance that is alone. */
    Peers NONE = new Peers() {
        @Override
        public List<Peer> alive() {
            return List.of();
        }

        @Override
        public List<PeerAnswer> ask(
                List<Peer> peers, String path, JsonNode question, Duration patience, Predicate<JsonNode> enough) {
            return List.of();
        }
    };

    /** Those that are alive, by id. */
    List<Peer> alive();

    /** Those that are alive and run a topology. */
    default List<Peer> hosting(String topology) {
        return alive().stream()
                .filter(peer -> peer.topologies().contains(topology))
                .toList();
    }

    /**
     * Asks peers side by side, and returns when all have answered, when one has answered enough, or when the time is over. Those
     * that were not waited for are left out; those that did not answer in time have failed.
     *
     * @param path below the peer's address, such as {@code /internal/topologies}; a POST goes there
     * @param enough whether an answer makes all others needless
     * @throws io.penstock.error.PenstockException {@code not-ready} when interrupted
     */
    List<PeerAnswer> ask(
            List<Peer> peers, String path, JsonNode question, Duration patience, Predicate<JsonNode> enough);
}
