package io.penstock.mirror;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A mirror's trouble with its other side: when to try again, and one warning for each kind of it. Belongs to one thread. */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** What only a person can mend is not worth more tries. */
    private static final Duration PAUSE_FOR_PEOPLE = Duration.ofSeconds(30);

    private final String name;
    private @Nullable Instant since;
    private @Nullable ErrorCode warned;
    private Instant retryAt = Instant.EPOCH;
    private int failures;

    Outage(String name) {
        this.name = name;
    }

    void failed(PenstockException failure, Instant now) {
        if (since == null) {
            since = now;
        }
        retryAt = now.plus(pause(failure.code(), failures++));
        if (failure.code() != warned) {
            warned = failure.code();
            LOG.warn(
                    "The mirror {} cannot be written to ({}): {} What changes waits in Kafka.",
                    name,
                    failure.code().code(),
                    failure.detail());
        } else {
            LOG.debug("The mirror {} still cannot be written to: {}", name, failure.detail());
        }
    }

    static Duration pause(ErrorCode code, int failuresBefore) {
        if (code == ErrorCode.MIRROR_UNAUTHORIZED || code == ErrorCode.MIRROR_DIMENSION) {
            return PAUSE_FOR_PEOPLE;
        }
        Duration pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(failuresBefore, 10));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    /** Whether it is too early to try again. */
    boolean isPausing(Instant now) {
        return now.isBefore(retryAt);
    }

    boolean isOver() {
        return since == null;
    }

    void recovered(Instant now) {
        if (since != null) {
            LOG.info(
                    "The mirror {} can be written to again after {} s",
                    name,
                    Duration.between(since, now).toSeconds());
        }
        since = null;
        warned = null;
        failures = 0;
        retryAt = Instant.EPOCH;
    }
}
