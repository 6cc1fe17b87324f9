package io.penstock.stage;

/**
 * Whoever serves the calls of a stage: a remote API, a model. Limits hold for all tasks of a stage in this process.
 *
 * @param name identity; calls of one name share the limits (the newest limits seen hold)
 * @param maxConcurrent calls at once
 * @param ratePerSecond calls started per second; 0 is no limit
 */
public record Provider(String name, int maxConcurrent, double ratePerSecond) {
    /** No limit but those of the stage itself. */
    public static final Provider UNLIMITED = new Provider("", Integer.MAX_VALUE, 0);
}
