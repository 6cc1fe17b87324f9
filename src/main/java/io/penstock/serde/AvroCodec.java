package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * One record type in the Confluent wire format: a zero byte, the schema id as four bytes big-endian, then Avro binary.
 * May be used from any thread.
 */
public final class AvroCodec<T extends SpecificRecord> {
    private static final byte MAGIC = 0;
    private static final int HEADER_BYTES = 5;

    private final SchemaRegistry registry;
    private final Class<T> type;
    private final Schema schema;
    private final UnaryOperator<String> subjectOfTopic;

    AvroCodec(SchemaRegistry registry, Class<T> type, UnaryOperator<String> subjectOfTopic) {
        this.registry = registry;
        this.type = type;
        this.schema = SpecificData.get().getSchema(type);
        this.subjectOfTopic = subjectOfTopic;
    }

    public byte[] encode(String topic, T value) {
        int id = registry.register(subjectOfTopic.apply(topic), schema);
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
            bytes.write(MAGIC);
            bytes.write(ByteBuffer.allocate(4).putInt(id).array());
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            new SpecificDatumWriter<T>(schema).write(value, encoder);
            encoder.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The value, read with the schema it was written with and resolved to that of the type.
     *
     * @throws PenstockException {@code record.undecodable} when the bytes are not such a record, {@code not-ready} when the
     *     registry cannot be asked
     */
    public T decode(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "The value is not Avro in the Confluent wire format (a zero byte and a schema id first); expected "
                            + type.getSimpleName() + ".");
        }
        Schema written = registry.schema(ByteBuffer.wrap(bytes, 1, 4).getInt());
        try {
            return new SpecificDatumReader<T>(written, schema)
                    .read(
                            null,
                            DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, null));
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | ClassCastException e) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "The value cannot be read as " + type.getSimpleName() + ": " + e.getMessage() + ".",
                    e);
        }
    }

    public Class<T> type() {
        return type;
    }
}
