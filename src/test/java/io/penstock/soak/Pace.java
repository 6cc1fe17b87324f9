package io.penstock.soak;

import java.time.Duration;

/**
 * How long things take.
 *
 * @param perSecond records that come in each second while instances are killed
 * @param slow what a slow call takes
 * @param slowCalls how many of those there are at most
 * @param stuckCalls how many calls hang until their deadline
 * @param callTimeout deadline of each call
 * @param longestWork how long a program works undisturbed at most before it is killed at work
 * @param patience until everything has come to its end
 */
record Pace(
        int perSecond,
        Duration slow,
        int slowCalls,
        int stuckCalls,
        Duration callTimeout,
        Duration longestWork,
        Duration patience) {

    static Pace brisk() {
        return new Pace(
                40, Duration.ofSeconds(2), 12, 3, Duration.ofSeconds(3), Duration.ofSeconds(1), Duration.ofSeconds(90));
    }

    /** With slow calls as they are. */
    static Pace real() {
        return new Pace(
                30,
                Duration.ofSeconds(30),
                30,
                4,
                Duration.ofSeconds(60),
                Duration.ofSeconds(50),
                Duration.ofMinutes(6));
    }
}
