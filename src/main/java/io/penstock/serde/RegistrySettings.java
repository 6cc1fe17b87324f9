package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of a registry's client as text; each may also be written with the prefix {@code schema.registry.}. */
record RegistrySettings(Map<String, ?> values) {
    private static final String PREFIX = "schema.registry.";

    @Nullable
    String text(String name) {
        Object value = values.get(name);
        if (value == null && !name.startsWith(PREFIX)) {
            value = values.get(PREFIX + name);
        }
        return value == null || value.toString().isBlank()
                ? null
                : value.toString().strip();
    }

    boolean flag(String name, boolean otherwise) {
        String text = text(name);
        if (text == null) {
            return otherwise;
        }
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw invalid(name + " must be true or false.");
        }
        return Boolean.parseBoolean(text);
    }

    int number(String name, int otherwise, int least) {
        String text = text(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // answered below, with every other value that is none
        }
        throw invalid(name + " must be a whole number of at least " + least + ".");
    }

    Duration millis(String name, Duration otherwise, int least) {
        return Duration.ofMillis(number(name, (int) otherwise.toMillis(), least));
    }

    Duration seconds(String name, Duration otherwise) {
        return Duration.ofSeconds(number(name, (int) otherwise.toSeconds(), -1));
    }

    /** Names the settings but none of their values: some are secrets. */
    @Override
    public String toString() {
        return "RegistrySettings" + values.keySet();
    }

    static PenstockException invalid(String detail) {
        return new PenstockException(ErrorCode.CONFIG_INVALID, detail);
    }
}
