package io.penstock.registry;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a new version of a subject must be able to read, or be read by. Named as Confluent names them. */
enum CompatibilityLevel {
    NONE(false, false, false),
    BACKWARD(true, false, false),
    BACKWARD_TRANSITIVE(true, false, true),
    FORWARD(false, true, false),
    FORWARD_TRANSITIVE(false, true, true),
    FULL(true, true, false),
    FULL_TRANSITIVE(true, true, true);

    private final boolean readsOlder;
    private final boolean isReadByOlder;
    private final boolean transitive;

    CompatibilityLevel(boolean readsOlder, boolean isReadByOlder, boolean transitive) {
        this.readsOlder = readsOlder;
        this.isReadByOlder = isReadByOlder;
        this.transitive = transitive;
    }

    /** Whether the new schema must read what older ones wrote. */
    boolean readsOlder() {
        return readsOlder;
    }

    /** Whether older schemas must read what the new one writes. */
    boolean isReadByOlder() {
        return isReadByOlder;
    }

    /** Whether that holds for all older versions rather than the latest. */
    boolean transitive() {
        return transitive;
    }

    static CompatibilityLevel of(String name) {
        for (CompatibilityLevel level : values()) {
            if (level.name().equals(name.toUpperCase(Locale.ROOT))) {
                return level;
            }
        }
        throw new RegistryException(
                RegistryException.INVALID_LEVEL,
                "Invalid compatibility level '" + name + "'. Valid values are "
                        + Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ")) + ".");
    }
}
