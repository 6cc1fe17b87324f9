package io.penstock.stage;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a stage behaves. Immutable: each {@code with...} gives a copy. */
public final class StageOptions {
    /** A tick comes sooner than that. */
    private static final Duration LONGEST_LINGER = Duration.ofMillis(10);

    private final String name;
    private final String pendingStore;
    private final String resultChild;
    private final String failureChild;
    // Changed only in a copy that nobody has seen yet.
    private @Nullable String eventChild;
    private StageOrder order = StageOrder.NONE;
    private int maxInFlight = 64;
    private int maxInFlightOfStage = Integer.MAX_VALUE;
    private int maxParked = 256;
    private Duration callTimeout = Duration.ofSeconds(60);
    private int maxAttempts = 4;
    private Duration backoff = Duration.ofMillis(500);
    private Duration maxBackoff = Duration.ofSeconds(30);
    private double jitter;
    private Duration maxDeferral = Duration.ZERO;
    private Duration tick = Duration.ofMillis(20);
    private Duration blockBudget = Duration.ofSeconds(1);
    private Duration ramp = Duration.ofSeconds(2);
    private Duration lingerForResult = Duration.ZERO;
    private boolean pendingOnDisk;

    private StageOptions(String name, String pendingStore, String resultChild, String failureChild) {
        this.name = name;
        this.pendingStore = pendingStore;
        this.resultChild = resultChild;
        this.failureChild = failureChild;
    }

    /**
     * Defaults: unordered, 64 calls in flight in each task and any number in the stage, 256 parked, 60 s for a call, 4 attempts from
     * 500 ms to 30 s without jitter, nothing put off, a ramp of 2 s, pending records in memory, no events.
     *
     * @param name name of the stage, for metrics, logs and thread names
     * @param pendingStore name of the store that keeps what is pending
     * @param resultChild name of the node that results are forwarded to
     * @param failureChild name of the node that a {@link FailedCall} is forwarded to
     */
    public static StageOptions of(String name, String pendingStore, String resultChild, String failureChild) {
        return new StageOptions(name, pendingStore, resultChild, failureChild);
    }

    /** The node that a {@link CallEvent} is forwarded to. Without one, calls cannot emit events. */
    public StageOptions withEventChild(String child) {
        return with(options -> options.eventChild = child);
    }

    public StageOptions withOrder(StageOrder value) {
        return with(options -> options.order = value);
    }

    /** Calls at once in one task. */
    public StageOptions withMaxInFlight(int value) {
        return with(options -> options.maxInFlight = value);
    }

    /** Calls at once in all tasks of this stage that share a {@link StageRuntime}. */
    public StageOptions withMaxInFlightOfStage(int value) {
        return with(options -> options.maxInFlightOfStage = value);
    }

    /** Records beyond those in flight that may wait in one task before intake is paused. */
    public StageOptions withMaxParked(int value) {
        return with(options -> options.maxParked = value);
    }

    /** Deadline of one call, from its start. */
    public StageOptions withCallTimeout(Duration value) {
        return with(options -> options.callTimeout = value);
    }

    /**
     * Attempts before a record has failed for good.
     *
     * @param first wait before the second attempt; doubles with each one
     * @param longest wait that this leads to
     */
    public StageOptions withAttempts(int value, Duration first, Duration longest) {
        return with(options -> {
            options.maxAttempts = value;
            options.backoff = first;
            options.maxBackoff = longest;
        });
    }

    /**
     * By how much waits between attempts differ at random.
     *
     * @param share of the backoff that is added at most, from 0 to 1
     */
    public StageOptions withJitter(double share) {
        return with(options -> options.jitter = share);
    }

    /** For how long one call may be put off, again and again, without that it counts as an attempt; zero for never. */
    public StageOptions withDeferrals(Duration longestInAll) {
        return with(options -> options.maxDeferral = longestInAll);
    }

    /** How often finished calls are looked for while something is pending, where the StreamThread cannot be woken up. */
    public StageOptions withTick(Duration value) {
        return with(options -> options.tick = value);
    }

    /**
     * Where intake cannot be paused: how long one task may hold it back in one round of its StreamThread; well under the transaction
     * timeout.
     */
    public StageOptions withBlockBudget(Duration value) {
        return with(options -> options.blockBudget = value);
    }

    /** How long a task that was started with pending records takes until it makes as many calls at once as it may; zero for none. */
    public StageOptions withRamp(Duration value) {
        return with(options -> options.ramp = value);
    }

    /**
     * How long the StreamThread waits, when it has processed all that it has read, for the result of a call that has just begun, before
     * it reads on. It does so only while calls end within that time. Where such calls are usual this lets their results go without a
     * wake-up and a tick, which comes a millisecond later at the earliest; everything else on the thread waits meanwhile. Zero, the
     * default, reads on at once. Without effect with other clients than the {@linkplain StageRuntime#clients() runtime's}.
     */
    public StageOptions withLingerForResult(Duration value) {
        return with(options -> options.lingerForResult = value);
    }

    /** Keeps pending records on disk: for such as are too large to let a backlog of them fill the heap. */
    public StageOptions withPendingOnDisk() {
        return with(options -> options.pendingOnDisk = true);
    }

    private StageOptions with(Consumer<StageOptions> change) {
        StageOptions copy = new StageOptions(name, pendingStore, resultChild, failureChild);
        copy.eventChild = eventChild;
        copy.order = order;
        copy.maxInFlight = maxInFlight;
        copy.maxInFlightOfStage = maxInFlightOfStage;
        copy.maxParked = maxParked;
        copy.callTimeout = callTimeout;
        copy.maxAttempts = maxAttempts;
        copy.backoff = backoff;
        copy.maxBackoff = maxBackoff;
        copy.jitter = jitter;
        copy.maxDeferral = maxDeferral;
        copy.tick = tick;
        copy.blockBudget = blockBudget;
        copy.ramp = ramp;
        copy.lingerForResult = lingerForResult;
        copy.pendingOnDisk = pendingOnDisk;
        change.accept(copy);
        copy.check();
        return copy;
    }

    private void check() {
        require(maxInFlight >= 1, "maxInFlight must be at least 1, not " + maxInFlight);
        require(maxInFlightOfStage >= 1, "maxInFlightOfStage must be at least 1, not " + maxInFlightOfStage);
        require(maxParked >= 0, "maxParked must not be negative, but is " + maxParked);
        require(maxAttempts >= 1, "maxAttempts must be at least 1, not " + maxAttempts);
        require(callTimeout.isPositive(), "callTimeout must be positive, not " + callTimeout);
        require(!backoff.isNegative(), "backoff must not be negative, but is " + backoff);
        require(!maxBackoff.isNegative(), "maxBackoff must not be negative, but is " + maxBackoff);
        require(jitter >= 0 && jitter <= 1, "jitter must be from 0 to 1, not " + jitter);
        require(!maxDeferral.isNegative(), "maxDeferral must not be negative, but is " + maxDeferral);
        require(tick.toMillis() >= 1, "tick must be at least 1 ms, not " + tick);
        require(!blockBudget.isNegative(), "blockBudget must not be negative, but is " + blockBudget);
        require(!ramp.isNegative(), "ramp must not be negative, but is " + ramp);
        require(
                !lingerForResult.isNegative() && lingerForResult.compareTo(LONGEST_LINGER) <= 0,
                "lingerForResult must be from 0 to " + LONGEST_LINGER.toMillis() + " ms, not " + lingerForResult);
    }

    private void require(boolean met, String otherwise) {
        if (!met) {
            throw new IllegalArgumentException("Stage '" + name + "': " + otherwise + ".");
        }
    }

    public String name() {
        return name;
    }

    public String pendingStore() {
        return pendingStore;
    }

    public String resultChild() {
        return resultChild;
    }

    public String failureChild() {
        return failureChild;
    }

    @Nullable
    String eventChild() {
        return eventChild;
    }

    StageOrder order() {
        return order;
    }

    int maxInFlight() {
        return maxInFlight;
    }

    int maxInFlightOfStage() {
        return maxInFlightOfStage;
    }

    /** Pending records of one task beyond which it takes in no more. */
    int capacity() {
        return (int) Math.min(Integer.MAX_VALUE, (long) maxInFlight + maxParked);
    }

    /** Pending records of one task at which it takes in again. */
    int roomyAt() {
        return (int) Math.min(capacity() - 1L, maxInFlight + maxParked / 2L);
    }

    Duration callTimeout() {
        return callTimeout;
    }

    RetryPolicy retries() {
        return new RetryPolicy(
                maxAttempts,
                backoff,
                maxBackoff,
                jitter,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    Duration maxDeferral() {
        return maxDeferral;
    }

    Duration tick() {
        return tick;
    }

    Duration blockBudget() {
        return blockBudget;
    }

    Duration ramp() {
        return ramp;
    }

    Duration lingerForResult() {
        return lingerForResult;
    }

    boolean pendingOnDisk() {
        return pendingOnDisk;
    }
}
