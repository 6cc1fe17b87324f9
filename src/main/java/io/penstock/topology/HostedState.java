package io.penstock.topology;

/**
 * State of a hosted topology.
 *
 * <pre>
 *  CREATED -> STARTING -> RUNNING -> STOPPED
 *                ^  |        |
 *                |  v        v
 *                FAILED <----+        FAILED -> STARTING after a backoff
 *                   |
 *                   v
 *            INVALID or STUCK         not started again in this process: Kafka Streams refuses its settings or its
 *                                     topology, or closing it took too long
 * </pre>
 */
public enum HostedState {
    CREATED,
    STARTING,
    RUNNING,
    FAILED,
    INVALID,
    STUCK,
    STOPPED
}
