package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Forwards dead letters with the bytes the record came as. */
final class DeadLetters {
    private DeadLetters() {}

    static void forward(
            ProcessorContext<Object, Object> context,
            DeadLetter letter,
            Record<String, ?> record,
            byte @Nullable [] value) {
        @Nullable String key = record.key();
        Record<byte[], byte[]> out =
                letter.record(key == null ? null : key.getBytes(UTF_8), value, record.timestamp(), record.headers());
        context.forward(out, Nodes.DEAD_LETTER);
    }
}
