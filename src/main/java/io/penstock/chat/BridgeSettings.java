package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the bridge treats its callers.
 *
 * @param maxInFlight requests that may wait for their replies at once
 * @param maxResumed streams that may be read once more at once
 * @param grace how long a client that streams may be gone before its call is cancelled
 * @param settling how long the group may give this instance no partition before it borrows one
 */
public record BridgeSettings(int maxInFlight, int maxResumed, Duration grace, Duration settling) {
    public static final BridgeSettings DEFAULT =
            new BridgeSettings(256, 16, Duration.ofSeconds(10), Duration.ofSeconds(3));

    private static final String IN_FLIGHT = "PENSTOCK_CHAT_IN_FLIGHT";
    private static final int MOST_IN_FLIGHT = 10_000;

    /**
     * From variables of the environment.
     *
     * @throws PenstockException {@code config.invalid} naming the variable
     */
    public static BridgeSettings from(Function<String, @Nullable String> variables) {
        String text = variables.apply(IN_FLIGHT);
        if (text == null || text.isBlank()) {
            return DEFAULT;
        }
        String number = text.strip();
        if (!number.matches("[0-9]{1,9}")
                || Integer.parseInt(number) < 1
                || Integer.parseInt(number) > MOST_IN_FLIGHT) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    IN_FLIGHT + " is a whole number from 1 to " + MOST_IN_FLIGHT + ", not '" + number + "'.");
        }
        return DEFAULT.withMaxInFlight(Integer.parseInt(number));
    }

    public BridgeSettings withMaxInFlight(int value) {
        return new BridgeSettings(value, maxResumed, grace, settling);
    }

    public BridgeSettings withMaxResumed(int value) {
        return new BridgeSettings(maxInFlight, value, grace, settling);
    }

    public BridgeSettings withGrace(Duration value) {
        return new BridgeSettings(maxInFlight, maxResumed, value, settling);
    }

    public BridgeSettings withSettling(Duration value) {
        return new BridgeSettings(maxInFlight, maxResumed, grace, value);
    }
}
