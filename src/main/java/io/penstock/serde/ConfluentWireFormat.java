package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's wire format: a zero byte, the schema id as four bytes big-endian, then Avro binary.
 *
 * <p>Threading: any thread; encoders and readers are kept per thread, ids are shared.
 */
final class ConfluentWireFormat<T extends SpecificRecord> implements WireFormat<T> {
    static final byte MAGIC = 0;
    static final int HEADER_BYTES = 5;
    private static final int ENCODED_BYTES = 512;
    private static final int KEPT_BYTES = 256 * 1024;

    private final SchemaRegistry registry;
    private final Class<T> type;
    private final Schema schema;
    private final SpecificData model;
    private final UnaryOperator<String> subjectOfTopic;
    private final SpecificDatumWriter<T> writer;
    private final Map<String, RegisteredSchema> registered = new ConcurrentHashMap<>();
    private final ThreadLocal<Encoding> encodings = ThreadLocal.withInitial(Encoding::new);
    private final ThreadLocal<Map<Integer, DatumReader<T>>> readers = ThreadLocal.withInitial(HashMap::new);

    /** What one thread encodes with. */
    private static final class Encoding {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(ENCODED_BYTES);
        private @Nullable BinaryEncoder encoder;
    }

    ConfluentWireFormat(SchemaRegistry registry, Class<T> type, UnaryOperator<String> subjectOfTopic) {
        this.registry = registry;
        this.type = type;
        this.schema = SpecificData.get().getSchema(type);
        this.model = SpecificData.getForClass(type);
        this.subjectOfTopic = subjectOfTopic;
        this.writer = new SpecificDatumWriter<>(schema, model);
    }

    @Override
    public byte[] encode(String topic, T value) {
        RegisteredSchema target = registeredFor(topic);
        Encoding encoding = encodings.get();
        ByteArrayOutputStream bytes = encoding.bytes;
        try {
            bytes.reset();
            bytes.write(MAGIC);
            bytes.writeBytes(
                    ByteBuffer.allocate(Integer.BYTES).putInt(target.id()).array());
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, encoding.encoder);
            encoding.encoder = encoder;
            if (target.schema().equals(schema)) {
                writer.write(value, encoder);
            } else {
                new GenericDatumWriter<>(target.schema()).write(resolved(value, target.schema()), encoder);
            }
            encoder.flush();
            byte[] encoded = bytes.toByteArray();
            if (encoded.length > KEPT_BYTES) {
                encodings.remove(); // one large record must not hold its size in memory for good
            }
            return encoded;
        } catch (IOException | RuntimeException e) {
            encodings.remove(); // holds half a record
            throw new PenstockException(
                    ErrorCode.RECORD_INVALID,
                    "The value cannot be written as " + type.getSimpleName() + ": " + reason(e) + ".",
                    e);
        }
    }

    @Override
    public boolean knowsWhatItEncoded() {
        return true;
    }

    @Override
    public T decode(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "The value is not Avro in the Confluent wire format (a zero byte and a schema id first); expected "
                            + type.getSimpleName() + ".");
        }
        int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
        Map<Integer, DatumReader<T>> known = readers.get();
        DatumReader<T> reader = known.get(id);
        if (reader == null) {
            reader = new SpecificDatumReader<>(registry.schema(id), schema, model);
            known.put(id, reader);
        }
        try {
            return type.cast(reader.read(null, new BoundedDecoder(bytes, HEADER_BYTES, bytes.length)));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            known.remove(id);
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "The value cannot be read as " + type.getSimpleName() + ": " + reason(e) + ".",
                    e);
        }
    }

    /** The value as one of another schema, by Avro's rules of schema resolution. */
    private Object resolved(T value, Schema target) throws IOException {
        ByteArrayOutputStream own = new ByteArrayOutputStream(ENCODED_BYTES);
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(own, null);
        writer.write(value, encoder);
        encoder.flush();
        byte[] bytes = own.toByteArray();
        return new GenericDatumReader<>(schema, target).read(null, new BoundedDecoder(bytes, 0, bytes.length));
    }

    private RegisteredSchema registeredFor(String topic) {
        RegisteredSchema known = registered.get(topic);
        if (known == null) {
            known = registry.forWriting(subjectOfTopic.apply(topic), schema);
            if (known.lasting()) {
                registered.put(topic, known);
            }
        }
        return known;
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
