package io.penstock.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.stage.FailedCall;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a record that cannot be processed.
 *
 * @param code stable error code
 * @param message what was wrong
 * @param stage the node that gave up
 * @param topic Kafka topic the record came from
 */
public record DeadLetter(
        String code, String message, String stage, String topic, int partition, long offset, int attempts) {

    /** For a record that is being processed now. */
    public static DeadLetter of(String code, String message, String stage, Optional<RecordMetadata> origin) {
        return new DeadLetter(
                code,
                message,
                stage,
                origin.map(RecordMetadata::topic).orElse(""),
                origin.map(RecordMetadata::partition).orElse(-1),
                origin.map(RecordMetadata::offset).orElse(-1L),
                1);
    }

    /** For a record whose call failed for good. */
    public static DeadLetter of(FailedCall<?> failed, String stage) {
        return new DeadLetter(
                failed.code(),
                failed.message(),
                stage,
                failed.topic(),
                failed.partition(),
                failed.offset(),
                failed.attempts());
    }

    /** The record for the dead letter topic: original bytes and headers, and what went wrong in further headers. */
    public Record<byte[], byte[]> record(
            byte @Nullable [] key, byte @Nullable [] value, long timestamp, Headers original) {
        Headers headers = new RecordHeaders(original.toArray());
        put(headers, DeadLetterHeaders.CODE, code);
        put(headers, DeadLetterHeaders.MESSAGE, message);
        put(headers, DeadLetterHeaders.STAGE, stage);
        put(headers, DeadLetterHeaders.TOPIC, topic);
        put(headers, DeadLetterHeaders.PARTITION, Integer.toString(partition));
        put(headers, DeadLetterHeaders.OFFSET, Long.toString(offset));
        put(headers, DeadLetterHeaders.TIMESTAMP, Long.toString(timestamp));
        put(headers, DeadLetterHeaders.ATTEMPTS, Integer.toString(attempts));
        return new Record<>(key, value, Math.max(0, timestamp), headers);
    }

    /** Forwards the record to the child that is the sink of the dead letters. */
    public void forward(
            ProcessorContext<Object, Object> context,
            String child,
            byte @Nullable [] key,
            byte @Nullable [] value,
            long timestamp,
            Headers original) {
        Record<byte[], byte[]> letter = record(key, value, timestamp, original);
        context.forward(
                new Record<Object, Object>(letter.key(), letter.value(), letter.timestamp(), letter.headers()), child);
    }

    private static void put(Headers headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(UTF_8));
    }
}
