package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;

/**
 * Reads values of any record type by the schema they were written with, to be looked at. May be used from any thread. Timestamps
 * come as {@link java.time.Instant}.
 */
public final class AnyAvro {
    private final SchemaRegistry registry;
    private final GenericData model = new GenericData();

    public AnyAvro(SchemaRegistry registry) {
        this.registry = registry;
        model.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    }

    /** Whether the bytes begin as Confluent's wire format does. */
    public static boolean isFramed(byte[] bytes) {
        return bytes.length >= ConfluentWireFormat.HEADER_BYTES && bytes[0] == ConfluentWireFormat.MAGIC;
    }

    /**
     * A generic record, or whatever else the schema describes.
     *
     * @throws PenstockException {@code record.undecodable} when the bytes are not such a value, {@code not-ready} when the registry
     *     cannot be asked
     */
    public Object decode(byte[] bytes) {
        if (!isFramed(bytes)) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE, "The value is not Avro in the Confluent wire format.");
        }
        int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
        var schema = registry.schema(id);
        try {
            return new GenericDatumReader<Object>(schema, schema, model)
                    .read(null, new BoundedDecoder(bytes, ConfluentWireFormat.HEADER_BYTES, bytes.length));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE, "The value cannot be read as " + schema.getFullName() + ".", e);
        }
    }
}
