package io.penstock.stage;

import java.time.Duration;

/**
 * How a stage behaves.
 *
 * @param name name of the stage, for metrics, logs and thread names
 * @param pendingStore name of the store that keeps what is pending
 * @param resultChild name of the node that results are forwarded to
 * @param failureChild name of the node that a {@link FailedCall} is forwarded to
 * @param maxInFlight calls at once in one task
 * @param maxParked records beyond those that may wait before intake is slowed down
 * @param callTimeout deadline of one call, from its start
 * @param maxAttempts attempts before a record has failed for good
 * @param backoff wait before the second attempt; doubles with each one, up to {@code maxBackoff}
 * @param tick how often completed calls are looked for while something is pending
 * @param blockBudget how long one task may hold intake back in one round of its StreamThread; well under the transaction timeout
 * @param pendingOnDisk whether the pending store is on disk, for records that are too large to let a backlog of them fill the heap
 */
public record StageOptions(
        String name,
        String pendingStore,
        String resultChild,
        String failureChild,
        StageOrder order,
        int maxInFlight,
        int maxParked,
        Duration callTimeout,
        int maxAttempts,
        Duration backoff,
        Duration maxBackoff,
        Duration tick,
        Duration blockBudget,
        boolean pendingOnDisk) {

    public StageOptions {
        require(maxInFlight >= 1, name, "maxInFlight must be at least 1, not " + maxInFlight);
        require(maxParked >= 0, name, "maxParked must not be negative, but is " + maxParked);
        require(maxAttempts >= 1, name, "maxAttempts must be at least 1, not " + maxAttempts);
        require(callTimeout.isPositive(), name, "callTimeout must be positive, not " + callTimeout);
        require(!backoff.isNegative(), name, "backoff must not be negative, but is " + backoff);
        require(!maxBackoff.isNegative(), name, "maxBackoff must not be negative, but is " + maxBackoff);
        require(tick.toMillis() >= 1, name, "tick must be at least 1 ms, not " + tick);
        require(!blockBudget.isNegative(), name, "blockBudget must not be negative, but is " + blockBudget);
    }

    private static void require(boolean met, String name, String otherwise) {
        if (!met) {
            throw new IllegalArgumentException("Stage '" + name + "': " + otherwise + ".");
        }
    }

    /** Defaults: unordered, 64 in flight, 256 parked, 30 s, 4 attempts from 500 ms to 30 s, 20 ms tick, 1 s budget, in memory. */
    public static StageOptions of(String name, String pendingStore, String resultChild, String failureChild) {
        return new StageOptions(
                name,
                pendingStore,
                resultChild,
                failureChild,
                StageOrder.NONE,
                64,
                256,
                Duration.ofSeconds(30),
                4,
                Duration.ofMillis(500),
                Duration.ofSeconds(30),
                Duration.ofMillis(20),
                Duration.ofSeconds(1),
                false);
    }

    public StageOptions withOrder(StageOrder value) {
        return new StageOptions(
                name,
                pendingStore,
                resultChild,
                failureChild,
                value,
                maxInFlight,
                maxParked,
                callTimeout,
                maxAttempts,
                backoff,
                maxBackoff,
                tick,
                blockBudget,
                pendingOnDisk);
    }

    public StageOptions withMaxInFlight(int value) {
        return new StageOptions(
                name,
                pendingStore,
                resultChild,
                failureChild,
                order,
                value,
                maxParked,
                callTimeout,
                maxAttempts,
                backoff,
                maxBackoff,
                tick,
                blockBudget,
                pendingOnDisk);
    }

    public StageOptions withMaxParked(int value) {
        return new StageOptions(
                name,
                pendingStore,
                resultChild,
                failureChild,
                order,
                maxInFlight,
                value,
                callTimeout,
                maxAttempts,
                backoff,
                maxBackoff,
                tick,
                blockBudget,
                pendingOnDisk);
    }

    public StageOptions withCallTimeout(Duration value) {
        return new StageOptions(
                name,
                pendingStore,
                resultChild,
                failureChild,
                order,
                maxInFlight,
                maxParked,
                value,
                maxAttempts,
                backoff,
                maxBackoff,
                tick,
                blockBudget,
                pendingOnDisk);
    }

    public StageOptions withAttempts(int value, Duration firstBackoff, Duration longestBackoff) {
        return new StageOptions(
                name,
                pendingStore,
                resultChild,
                failureChild,
                order,
                maxInFlight,
                maxParked,
                callTimeout,
                value,
                firstBackoff,
                longestBackoff,
                tick,
                blockBudget,
                pendingOnDisk);
    }

    public StageOptions withTick(Duration value) {
        return new StageOptions(
                name,
                pendingStore,
                resultChild,
                failureChild,
                order,
                maxInFlight,
                maxParked,
                callTimeout,
                maxAttempts,
                backoff,
                maxBackoff,
                value,
                blockBudget,
                pendingOnDisk);
    }

    public StageOptions withPendingOnDisk() {
        return new StageOptions(
                name,
                pendingStore,
                resultChild,
                failureChild,
                order,
                maxInFlight,
                maxParked,
                callTimeout,
                maxAttempts,
                backoff,
                maxBackoff,
                tick,
                blockBudget,
                true);
    }
}
