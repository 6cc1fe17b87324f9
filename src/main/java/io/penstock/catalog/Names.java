package io.penstock.catalog;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What topics and segments may be called: {@code [a-z0-9][a-z0-9_-]{0,62}}, but not {@code alert}, which addresses all topics. */
public final class Names {
    /** In a collection order, the topic that stands for every topic that has the segments. */
    public static final String EVERY_TOPIC = "alert";

    private static final Pattern LEGAL = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    private Names() {}

    /** What is wrong with a name, said to the person who chose it; empty when nothing is. */
    public static Optional<String> problem(String what, @Nullable String name) {
        if (name == null || name.isEmpty()) {
            return Optional.of("The " + what + " has no name.");
        }
        if (name.equals(EVERY_TOPIC)) {
            return Optional.of("The name '" + EVERY_TOPIC + "' is reserved: choose another for the " + what + ".");
        }
        if (!LEGAL.matcher(name).matches()) {
            return Optional.of("'" + shortened(name) + "' is no name for a " + what
                    + ": it takes 1 to 63 of a-z, 0-9, '_' and '-', a letter or digit first.");
        }
        return Optional.empty();
    }

    /**
     * The name, when it is legal.
     *
     * @throws PenstockException {@code name.invalid}
     */
    public static String check(String what, @Nullable String name) {
        problem(what, name).ifPresent(message -> {
            throw new PenstockException(ErrorCode.NAME_INVALID, message);
        });
        return String.valueOf(name);
    }

    private static String shortened(String name) {
        return name.length() <= 80 ? name : name.substring(0, 80) + "...";
    }
}
