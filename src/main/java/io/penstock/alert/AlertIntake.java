package io.penstock.alert;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.schema.Alert;
import io.penstock.serde.Decoded;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Gives each alert its id and keys it by that, because producers key as they like and what deduplicates must see equal ids on
 * one task.
 */
final class AlertIntake implements Processor<String, Decoded<Alert>, Object, Object> {
    private @Nullable ProcessorContext<Object, Object> context;

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
    }

    @Override
    @SuppressWarnings("NullAway") // init() comes before process()
    public void process(Record<String, Decoded<Alert>> record) {
        Alert alert = record.value().value();
        RecordMetadata origin = context.recordMetadata().orElseThrow();
        if (alert.getTopic().isBlank() || alert.getSegmentTargets().isEmpty()) {
            DeadLetter.of(
                            ErrorCode.RECORD_INVALID.code(),
                            "An alert names a topic and at least one segment in segment_targets.",
                            AlertFanoutTopology.INTAKE,
                            context.recordMetadata())
                    .forward(
                            context,
                            AlertFanoutTopology.DEAD_LETTERS,
                            record.key() == null ? null : record.key().getBytes(UTF_8),
                            record.value().bytes(),
                            record.timestamp(),
                            record.headers());
            return;
        }
        String id = alert.getAlertId() == null || alert.getAlertId().isBlank()
                ? "alert-" + origin.partition() + "-" + origin.offset()
                : alert.getAlertId();
        Alert identified = Alert.newBuilder(alert).setAlertId(id).build();
        context.forward(new Record<Object, Object>(id, identified, record.timestamp()), AlertFanoutTopology.BY_ID_SINK);
    }
}
