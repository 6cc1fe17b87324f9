package io.penstock.stage;

/**
 * Whoever serves the calls of a stage: a remote API, a model. Limits hold for all tasks of all stages that share a
 * {@link StageRuntime}.
 *
 * @param name identity; calls of one name share the limits (the newest limits seen hold)
 * @param maxConcurrent calls at once, at least 1
 * @param ratePerSecond calls started per second, evenly spaced; 0 is no limit
 */
public record Provider(String name, int maxConcurrent, double ratePerSecond) {
    /** No limit but those of the stage itself. */
    public static final Provider UNLIMITED = new Provider("", Integer.MAX_VALUE, 0);

    public Provider {
        if (maxConcurrent < 1) {
            throw new IllegalArgumentException(
                    "Provider '" + name + "' allows " + maxConcurrent + " concurrent calls; it needs at least 1.");
        }
        if (!Double.isFinite(ratePerSecond) || ratePerSecond < 0) {
            throw new IllegalArgumentException("Provider '" + name + "' has a rate of " + ratePerSecond
                    + " per second; it needs a positive number, or 0 for no limit.");
        }
    }
}
