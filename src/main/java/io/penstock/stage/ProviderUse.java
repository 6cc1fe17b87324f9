package io.penstock.stage;

/**
 * How much of a provider is in use.
 *
 * @param limits the limits that hold now
 * @param executing calls that have not ended, also those whose stage no longer waits for them
 * @param waiting records that wait for room at it
 * @param calls calls made so far
 * @param retries failed attempts so far after which another one was planned
 */
public record ProviderUse(Provider limits, int executing, int waiting, long calls, long retries) {}
