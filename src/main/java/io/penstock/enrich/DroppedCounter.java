package io.penstock.enrich;

import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.metrics.Sensor.RecordingLevel;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Counts records that were dropped because what they belong to was deleted: {@code dropped-deleted-rate} and {@code -total} in
 * the group {@code stream-penstock-metrics} of the topology's Kafka Streams metrics.
 */
final class DroppedCounter {
    private final Sensor sensor;

    DroppedCounter(ProcessorContext<?, ?> context, String node) {
        sensor = context.metrics()
                .addRateTotalSensor("penstock", node + "-" + context.taskId(), "dropped-deleted", RecordingLevel.INFO);
    }

    void count() {
        sensor.record();
    }
}
