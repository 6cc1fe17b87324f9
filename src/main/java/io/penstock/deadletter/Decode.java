package io.penstock.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first node of every topology: decodes the value, or forwards the original bytes to the dead letters. Never throws for
 * what a record holds. Forwards {@code Record<String, Decoded<T>>}.
 *
 * <p>A compressed record may be larger than what can be sent on or kept as pending, for its topic bounds the compressed bytes. Its
 * dead letter has neither value nor headers of its own, but says where the record lies.
 */
public final class Decode<T extends SpecificRecord> implements Processor<byte[], byte[], Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(Decode.class);

    /** What a dead letter and a pending entry add stays within the rest of {@link KafkaSettings#MAX_MESSAGE_BYTES}. */
    private static final int MAX_BYTES_BESIDE_VALUE = 128 * 1024;

    private final AvroCodec<T> codec;
    private final String node;
    private final String next;
    private final String deadLetters;
    private final @Nullable String nulls;
    private @Nullable ProcessorContext<Object, Object> context;

    /**
     * @param node name of this node, for the dead letter
     * @param next child that gets what was decoded
     * @param deadLetters child that gets what was not
     */
    public Decode(AvroCodec<T> codec, String node, String next, String deadLetters) {
        this(codec, node, next, deadLetters, null);
    }

    /**
     * @param nulls child that gets records without a value, as {@code Record<String, null>}; null makes them dead letters
     */
    public Decode(AvroCodec<T> codec, String node, String next, String deadLetters, @Nullable String nulls) {
        this.codec = codec;
        this.node = node;
        this.next = next;
        this.deadLetters = deadLetters;
        this.nulls = nulls;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
    }

    @Override
    @SuppressWarnings("NullAway") // keys and values of Kafka records may be null; Streams declares neither
    public void process(Record<byte[], byte[]> record) {
        ProcessorContext<Object, Object> out = context;
        String key = record.key() == null ? null : new String(record.key(), UTF_8);
        if (record.value() == null) {
            if (nulls != null && key != null) {
                out.forward(record.withKey(key).withValue(null), nulls);
            } else {
                reject(record, ErrorCode.RECORD_INVALID, "The record has no value.");
            }
            return;
        }
        int beside = bytesBesideValue(record);
        if (record.value().length > KafkaSettings.MAX_RECORD_BYTES || beside > MAX_BYTES_BESIDE_VALUE) {
            rejectTooLarge(record, beside);
            return;
        }
        try {
            T value = codec.decode(record.value());
            out.forward(record.withKey(key).withValue(new Decoded<>(value, record.value())), next);
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                throw e; // the registry cannot be asked now: the record is not at fault
            }
            reject(record, e.code(), e.detail());
        }
    }

    private static int bytesBesideValue(Record<byte[], byte[]> record) {
        int bytes = record.key() == null ? 0 : record.key().length;
        for (Header header : record.headers()) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }

    @SuppressWarnings("NullAway")
    private void rejectTooLarge(Record<byte[], byte[]> record, int beside) {
        String message = "The value has " + record.value().length + " bytes, key and headers have " + beside
                + "; at most " + KafkaSettings.MAX_RECORD_BYTES + " and " + MAX_BYTES_BESIDE_VALUE + " are read.";
        boolean keyFits = record.key() != null && record.key().length <= MAX_BYTES_BESIDE_VALUE;
        reject(
                new Record<>(keyFits ? record.key() : null, null, record.timestamp(), new RecordHeaders()),
                ErrorCode.RECORD_TOO_LARGE,
                message);
    }

    @SuppressWarnings("NullAway")
    private void reject(Record<byte[], byte[]> record, ErrorCode code, String message) {
        DeadLetter letter = DeadLetter.of(code.code(), message, node, context.recordMetadata());
        LOG.warn(
                "{}: {} {}-{}@{}: {}", node, code.code(), letter.topic(), letter.partition(), letter.offset(), message);
        letter.forward(context, deadLetters, record.key(), record.value(), record.timestamp(), record.headers());
    }
}
