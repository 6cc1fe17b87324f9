package io.penstock.stage;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Told of records that Kafka has acknowledged; see {@link StageRuntime#onArrival}. */
@FunctionalInterface
public interface ArrivalListener {

    /**
     * The record is written. Called by a thread of the producer, which must not be held up, in the order of a partition's offsets.
     *
     * @param where it is written; without an offset when a repetition found that it was there already
     */
    void arrived(ProducerRecord<byte[], byte[]> record, RecordMetadata where);
}
