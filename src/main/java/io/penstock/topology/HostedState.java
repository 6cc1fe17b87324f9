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
 *                 STUCK               closing it took too long: never started again in this process
 * </pre>
 */
public enum HostedState {
    CREATED,
    STARTING,
    RUNNING,
    FAILED,
    STUCK,
    STOPPED
}
