package io.penstock.stage;

import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What the pending store keeps of one record.
 *
 * @param seq order of arrival in the task
 * @param failedAttempts attempts that ended in a failure; one that a crash cut off is not among them
 * @param timestamp the record's
 * @param acceptedAt when the stage accepted it, epoch milliseconds
 * @param notBefore the next attempt is not made before that, epoch milliseconds
 * @param topic Kafka topic it came from; empty when it came from none
 * @param partition its partition, or -1
 * @param offset its offset, or -1
 */
record PendingEntry(
        long seq,
        int failedAttempts,
        long timestamp,
        long acceptedAt,
        long notBefore,
        String topic,
        int partition,
        long offset,
        List<Header> headers,
        byte @Nullable [] key,
        byte @Nullable [] value) {

    PendingEntry failedOnce(int failedAttemptsNow, long nextNotBefore) {
        return new PendingEntry(
                seq,
                failedAttemptsNow,
                timestamp,
                acceptedAt,
                nextNotBefore,
                topic,
                partition,
                offset,
                headers,
                key,
                value);
    }

    /** A fresh copy, which the receiver may change. */
    Headers copyOfHeaders() {
        return new RecordHeaders(headers);
    }
}
