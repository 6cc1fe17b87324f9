package io.penstock.stage;

/**
 * What is forwarded for a record whose call failed for good.
 *
 * @param value the record's value as it came in
 * @param code stable error code ({@code stage.timeout}, {@code stage.failed}, or the code of the {@link CallException})
 * @param attempts how many attempts were made
 * @param topic Kafka topic the record came from; empty when it came from no topic
 * @param partition its partition, or -1
 * @param offset its offset, or -1
 */
public record FailedCall<V>(
        V value, String code, String message, int attempts, String topic, int partition, long offset) {}
