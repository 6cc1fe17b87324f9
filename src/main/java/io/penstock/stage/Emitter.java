package io.penstock.stage;

import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Forwards outcomes to the stage's children, with the timestamp and headers that the record came with.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class Emitter<K, V, R> {
    private final ProcessorContext<Object, Object> context;
    private final StageOptions options;

    Emitter(ProcessorContext<Object, Object> context, StageOptions options) {
        this.context = context;
        this.options = options;
    }

    void emit(StoredRecord<K, V> record, Outcome<R> outcome) {
        switch (outcome) {
            case Outcome.Succeeded<R>(R value) -> forward(record, value, options.resultChild());
            case Outcome.Failed<R>(String code, String message, int attempts) ->
                forward(record, failedCall(record, code, message, attempts), options.failureChild());
            case Outcome.Dropped<R> _ -> {}
        }
    }

    /** @param child the stage's event child */
    void emitEvent(StoredRecord<K, V> record, Object event, int attempt, long sequence, String child) {
        forward(record, new CallEvent<>(record.value(), event, attempt, sequence), child);
    }

    void emitFence(Record<K, V> fence, List<V> cancelled) {
        context.forward(
                new Record<Object, Object>(
                        fence.key(), new FencePassed<>(fence.value(), cancelled), fence.timestamp(), fence.headers()),
                options.resultChild());
    }

    private FailedCall<V> failedCall(StoredRecord<K, V> record, String code, String message, int attempts) {
        PendingEntry entry = record.entry();
        return new FailedCall<>(
                record.value(), code, message, attempts, entry.topic(), entry.partition(), entry.offset());
    }

    private void forward(StoredRecord<K, V> record, Object value, String child) {
        PendingEntry entry = record.entry();
        context.forward(
                new Record<Object, Object>(record.key(), value, entry.timestamp(), entry.copyOfHeaders()), child);
    }
}
