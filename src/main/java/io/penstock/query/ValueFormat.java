package io.penstock.query;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/** How what is shown of a store travels from one instance to another. May be used from any thread. */
public interface ValueFormat {
    byte[] encode(Object value);

    /** @throws PenstockException {@code record.undecodable} */
    Object decode(byte[] bytes);

    /** Records as a serde writes them. */
    static <T extends SpecificRecord> ValueFormat records(Class<T> type, Serde<T> serde) {
        return new ValueFormat() {
            @Override
            public byte[] encode(Object value) {
                return serde.serializer().serialize("", type.cast(value));
            }

            @Override
            public Object decode(byte[] bytes) {
                return serde.deserializer().deserialize("", bytes);
            }
        };
    }

    /** Maps of plain values, as JSON. */
    static ValueFormat plain() {
        JsonMapper json = new JsonMapper();
        return new ValueFormat() {
            @Override
            public byte[] encode(Object value) {
                try {
                    return json.writeValueAsBytes(value);
                } catch (IOException e) {
                    throw new IllegalArgumentException("The value is no plain map", e);
                }
            }

            @Override
            public Object decode(byte[] bytes) {
                try {
                    return json.readValue(bytes, new TypeReference<Map<String, @Nullable Object>>() {});
                } catch (IOException e) {
                    throw new PenstockException(
                            ErrorCode.RECORD_UNDECODABLE, "What another instance answered is no JSON object.", e);
                }
            }
        };
    }
}
