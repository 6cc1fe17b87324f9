package io.penstock.stage;

/**
 * How much of a provider is in use.
 *
 * @param limits the limits that hold now
 * @param executing calls that have not ended, also those whose stage no longer waits for them
 */
public record ProviderUse(Provider limits, int executing) {}
