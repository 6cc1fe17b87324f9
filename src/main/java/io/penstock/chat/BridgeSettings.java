package io.penstock.chat;

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
    public static final BridgeSettings DEFAULT = forInFlight(256);

    private static final String IN_FLIGHT = "PENSTOCK_CHAT_IN_FLIGHT";
    private static final int MOST_IN_FLIGHT = 10_000;
    private static final String RESUMED = "PENSTOCK_CHAT_RESUMED";
    private static final int MOST_RESUMED = 1_000;
    /** Each has a consumer, with its connections and buffers. */
    private static final int USUAL_MOST_RESUMED = 256;

    private static final int LEAST_RESUMED = 16;
    private static final int IN_FLIGHT_FOR_EACH_RESUMED = 4;

    /**
     * From variables of the environment.
     *
     * @throws PenstockException {@code config.invalid} naming the variable
     */
    public static BridgeSettings from(Function<String, @Nullable String> variables) {
        Variables numbers = new Variables(variables);
        BridgeSettings usual = forInFlight(numbers.number(IN_FLIGHT, MOST_IN_FLIGHT, DEFAULT.maxInFlight));
        return usual.withMaxResumed(numbers.number(RESUMED, MOST_RESUMED, usual.maxResumed));
    }

    private static BridgeSettings forInFlight(int maxInFlight) {
        int resumed = Math.clamp(maxInFlight / IN_FLIGHT_FOR_EACH_RESUMED, LEAST_RESUMED, USUAL_MOST_RESUMED);
        return new BridgeSettings(maxInFlight, resumed, Duration.ofSeconds(10), Duration.ofSeconds(3));
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
