package io.penstock.cluster;

import com.fasterxml.jackson.databind.JsonNode;

/** What came of asking a peer. */
public sealed interface PeerAnswer {
    Peer peer();

    /** It answered. */
    record Answered(Peer peer, JsonNode body) implements PeerAnswer {}

    /**
     * It refused, could not be reached, or took too long.
     *
     * @param reason for people
     */
    record Failed(Peer peer, String reason) implements PeerAnswer {}
}
