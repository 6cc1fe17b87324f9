package io.penstock.soak;

import java.util.Locale;

/**
 * A record's value: what is to become of its call, so that a program and those who check it agree without talking.
 *
 * @param id unique
 * @param amount milliseconds that each call takes, or for {@link Kind#FLAKY} how many attempts fail
 */
record Work(long id, Kind kind, long amount) {
    static final int MAX_ATTEMPTS = 4;
    static final String POISON_CODE = "soak.poison";
    static final String UNAVAILABLE_CODE = "soak.unavailable";

    enum Kind {
        /** Answers after a short while. */
        QUICK,
        /** Answers after a long while. */
        SLOW,
        /** Fails so many times that another attempt is made, then answers. */
        FLAKY,
        /** Hangs until it is interrupted, the first time. */
        STUCK,
        /** Fails for good. */
        POISON,
        /** Fails, however often it is attempted. */
        UNAVAILABLE
    }

    static Work parse(String value) {
        String[] parts = value.split(" ", 3);
        return new Work(Long.parseLong(parts[0]), Kind.valueOf(parts[1]), Long.parseLong(parts[2]));
    }

    String value() {
        return String.format(Locale.ROOT, "%d %s %d", id, kind, amount);
    }

    boolean isDeadLetter() {
        return kind == Kind.POISON || kind == Kind.UNAVAILABLE;
    }

    /** Which attempt is the last. */
    int attempts() {
        return switch (kind) {
            case QUICK, SLOW, POISON -> 1;
            case FLAKY -> (int) amount + 1;
            case STUCK -> 2;
            case UNAVAILABLE -> MAX_ATTEMPTS;
        };
    }

    /** What a dead letter names. */
    String code() {
        return kind == Kind.POISON ? POISON_CODE : UNAVAILABLE_CODE;
    }

    /** What is written once it has ended. */
    String outcome(int attempt) {
        return id + (isDeadLetter() ? " dead " : " done ") + attempt;
    }

    static long idOf(String outcome) {
        return Long.parseLong(outcome.substring(0, outcome.indexOf(' ')));
    }
}
