package io.penstock.capture;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every request to one server passes: at most so many are under way there at once, whoever sends them, and while the server is
 * down none is sent but a few that try whether it is back.
 *
 * <p>Down means: of the last {@value #WINDOW} requests, once there are {@value #FEWEST_JUDGED}, at least {@value #FAILURE_PERCENT} percent had no answer, or one that says that
 * nobody is there (502, 503, 504). A pause follows, which doubles each time that the server is still down after it. Other answers,
 * 500 and 429 among them, are those of a server that works.
 *
 * <p><b>Threading.</b> May be used from any thread.
 */
final class HostGate {
    private static final Logger LOG = LoggerFactory.getLogger(HostGate.class);

    /** So many that items which fail by themselves, tried again at the end of a run, do not look like a server that is down. */
    static final int WINDOW = 100;

    static final int FEWEST_JUDGED = 20;
    static final int FAILURE_PERCENT = 60;
    static final int PROBES = 10;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** Who comes while others try whether the server is back, comes again after this. */
    private static final Duration WHILE_TRYING = Duration.ofSeconds(1);
    /** A processor that is told to wait for longer keeps its other requests back no longer than this. */
    private static final Duration LONGEST_HOLD = Duration.ofMinutes(1);
    /** So long a request is put off because the server is down, until that counts as an attempt: runs have to end. */
    static final Duration LONGEST_DOWN = Duration.ofMinutes(1);

    private final String server;
    private final Semaphore places;
    private final int most;
    private final Duration patience;
    private final Clock clock;
    private final OutboundCounters counters;
    private final CircuitBreaker breaker;
    private final Map<String, Instant> held = new ConcurrentHashMap<>();
    private volatile Instant pausedUntil = Instant.MIN;
    private volatile int pausesInARow;

    /**
     * @param most requests at once
     * @param patience how long one may wait for its place
     */
    HostGate(String server, int most, Duration patience, Clock clock, OutboundCounters counters) {
        this.server = server;
        this.most = most;
        this.places = new Semaphore(most, true);
        this.patience = patience;
        this.clock = clock;
        this.counters = counters;
        this.breaker = CircuitBreaker.of(
                server,
                CircuitBreakerConfig.custom()
                        .slidingWindow(WINDOW, FEWEST_JUDGED, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold(FAILURE_PERCENT)
                        .permittedNumberOfCallsInHalfOpenState(PROBES)
                        .waitIntervalFunctionInOpenState(inARow -> pause(inARow).toMillis())
                        .clock(clock)
                        .build());
        breaker.getEventPublisher()
                .onStateTransition(event -> changed(event.getStateTransition().getToState()));
    }

    private static Duration pause(int inARow) {
        Duration pause = FIRST_PAUSE;
        for (int i = 1; i < inARow && pause.compareTo(LONGEST_PAUSE) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    private void changed(CircuitBreaker.State state) {
        switch (state) {
            case OPEN -> {
                int pauses = pausesInARow + 1;
                pausesInARow = pauses;
                pausedUntil = clock.instant().plus(pause(pauses));
                counters.countOpening();
                LOG.warn("{} does not answer; it is tried again after {}", server, pause(pauses));
            }
            case CLOSED -> {
                pausesInARow = 0;
                LOG.info("{} answers again", server);
            }
            case HALF_OPEN, DISABLED, FORCED_OPEN, METRICS_ONLY -> {}
        }
    }

    /**
     * Waits for a place.
     *
     * @param processor whose request it is
     * @throws CallException when the request is to be put off: {@code capture.host-down} or {@code capture.host-busy}
     */
    Visit enter(String processor) throws CallException, InterruptedException {
        refuseWhilePaused();
        refuseWhileHeld(processor);
        if (!places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            counters.countWait();
            throw CallException.deferred(
                    ErrorCode.CAPTURE_HOST_BUSY.code(),
                    "For " + patience + " there were " + most + " requests under way at " + server
                            + ", as many as PENSTOCK_CAPTURE_PER_HOST allows.",
                    WHILE_TRYING);
        }
        if (!breaker.tryAcquirePermission()) {
            places.release();
            throw down();
        }
        return new Visit(processor);
    }

    private void refuseWhilePaused() throws CallException {
        if (breaker.getState() == CircuitBreaker.State.OPEN && clock.instant().isBefore(pausedUntil)) {
            throw down();
        }
    }

    private CallException down() {
        counters.countShortCircuit();
        Duration left = Duration.between(clock.instant(), pausedUntil);
        return CallException.deferred(
                ErrorCode.CAPTURE_HOST_DOWN.code(),
                server + " failed " + FAILURE_PERCENT
                        + " % of its newest requests or more, and is left alone for a while.",
                left.compareTo(WHILE_TRYING) < 0 ? WHILE_TRYING : left,
                LONGEST_DOWN);
    }

    private void refuseWhileHeld(String processor) throws CallException {
        Instant until = held.get(processor);
        if (until == null) {
            return;
        }
        Duration left = Duration.between(clock.instant(), until);
        if (!left.isPositive()) {
            held.remove(processor, until);
            return;
        }
        counters.countShortCircuit();
        throw CallException.deferred(
                ErrorCode.CAPTURE_HOST_BUSY.code(),
                server + " asked for " + Math.max(1, left.toSeconds()) + " s more without requests of " + processor
                        + ".",
                left);
    }

    boolean isPaused() {
        return breaker.getState() == CircuitBreaker.State.OPEN;
    }

    /** Nothing would be lost if it were made anew, but for the length of the next pause. */
    boolean isForgettable() {
        Instant now = clock.instant();
        held.values().removeIf(until -> !now.isBefore(until));
        boolean mayBeAsked = breaker.getState() == CircuitBreaker.State.CLOSED || !now.isBefore(pausedUntil);
        return places.availablePermits() == most && mayBeAsked && held.isEmpty();
    }

    /** One request that is under way. Say how it ended, if that says anything about the server, and close it. */
    final class Visit implements AutoCloseable {
        private final String processor;
        private final long begin = System.nanoTime();
        private boolean judged;

        private Visit(String processor) {
            this.processor = processor;
        }

        void answered(int status) {
            if (status == 502 || status == 503 || status == 504) {
                failed(new IllegalStateException("status " + status));
            } else {
                judged = true;
                breaker.onSuccess(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
            }
        }

        void failed(Exception cause) {
            judged = true;
            breaker.onError(System.nanoTime() - begin, TimeUnit.NANOSECONDS, cause);
        }

        /** The server names a time until which the processor is to send it nothing. */
        void hold(Duration wait) {
            Duration bounded = wait.compareTo(LONGEST_HOLD) < 0 ? wait : LONGEST_HOLD;
            held.merge(processor, clock.instant().plus(bounded), (a, b) -> a.isAfter(b) ? a : b);
        }

        @Override
        public void close() {
            if (!judged) {
                breaker.releasePermission();
            }
            places.release();
        }
    }
}
