package io.penstock.stage;

/**
 * What a call said while it ran, forwarded with the key, timestamp and headers of its record.
 *
 * @param value the record's value as it came in
 * @param event what was said
 * @param attempt 1 for the first attempt; a restart may repeat an attempt under its number
 * @param sequence 0 for the first event of the attempt
 */
public record CallEvent<V>(V value, Object event, int attempt, long sequence) {}
