package io.penstock.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.PenstockException;
import java.util.Optional;

/** What came of asking a peer. */
public sealed interface PeerAnswer {
    Peer peer();

    /** It answered. */
    record Answered(Peer peer, JsonNode body) implements PeerAnswer {}

    /**
     * It refused, could not be reached, or took too long.
     *
     * @param reason for people
     * @param problem the code and the detail that it refused with, if it did
     */
    record Failed(Peer peer, String reason, Optional<PenstockException> problem) implements PeerAnswer {
        public Failed(Peer peer, String reason) {
            this(peer, reason, Optional.empty());
        }
    }
}
