package io.penstock.enrich;

/** Names of the nodes and stores of the enrichment topologies. Renaming a store is a migration. */
final class Nodes {
    static final String SOURCE = "raw";
    static final String DECODE = "decode";
    static final String ADMIT = "admit";
    static final String STAGE = "enrich";
    static final String EMIT = "emit";
    static final String FAILURE = "failure";
    static final String INFERENCE = "inference";
    static final String REJECTED = "rejected";
    static final String RUN_EVENT = "run-event";
    static final String FENCE_ACK = "fence-ack";
    static final String DEAD_LETTER = "dead-letter";

    private Nodes() {}
}
