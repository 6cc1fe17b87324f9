package io.penstock.mirror;

/**
 * What a mirror does on this instance.
 *
 * <pre>
 * STARTING -> STANDBY <-> UP <-> DOWN
 *                |         |      |
 *                '-> REBUILDING <-'
 * </pre>
 */
public enum MirrorState {
    /** The Kafka topics that it follows are not there yet, or its settings are wrong. */
    STARTING,
    /** Another instance writes to the mirror. */
    STANDBY,
    /** It takes changes. */
    UP,
    /** All that is live is written anew, then what is not live is removed. */
    REBUILDING,
    /** It cannot be written to; what changes waits in Kafka. */
    DOWN
}
