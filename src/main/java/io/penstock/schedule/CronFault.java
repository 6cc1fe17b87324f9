package io.penstock.schedule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Says which part of a cron expression is wrong, and what it may be. */
final class CronFault {
    private static final String STAR = "*";

    private record Field(String title, String values) {}

    private static final List<Field> FIELDS = List.of(
            new Field("minute", "0 to 59"),
            new Field("hour", "0 to 23"),
            new Field("day of the month", "1 to 31"),
            new Field("month", "1 to 12, or JAN to DEC"),
            new Field("day of the week", "0 to 7, of which both 0 and 7 are Sunday, or SUN to SAT"));

    private CronFault() {}

    /** Empty when it looks like no cron expression at all, or no field is wrong by itself. */
    static Optional<String> in(String expression) {
        String[] parts = expression.strip().split("\\s+", -1);
        if (parts.length < 2) {
            return Optional.empty();
        }
        if (parts.length != FIELDS.size()) {
            return Optional.of(
                    "It has " + parts.length
                            + " fields, and a cron expression has five: minute, hour, day of the month, month and day of the week.");
        }
        for (int i = 0; i < parts.length; i++) {
            if (isWrong(i, parts[i])) {
                return Optional.of("The field " + FIELDS.get(i).title() + " is '" + parts[i]
                        + "'; it may be *, values from " + FIELDS.get(i).values()
                        + ", ranges such as 1-5 and steps such as */2, with commas between them.");
            }
        }
        return Optional.empty();
    }

    /** Among fields that are right. */
    private static boolean isWrong(int field, String part) {
        List<String> parts = new ArrayList<>(Collections.nCopies(FIELDS.size(), STAR));
        parts.set(field, part);
        try {
            var _ = CronTimes.parse(String.join(" ", parts));
            return false;
        } catch (IllegalArgumentException e) {
            return true;
        }
    }
}
