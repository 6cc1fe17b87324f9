package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Penstock's serde for any Kafka client, by class name: specific Avro records in the Confluent wire format over the registry
 * at {@code schema.registry.url}. What is read becomes the generated class that its schema names, as with Confluent's {@code
 * SpecificAvroSerde}.
 */
public final class PenstockAvroSerde<T extends SpecificRecord> implements Serde<T> {
    private final Map<Class<?>, WireFormat<T>> formats = new ConcurrentHashMap<>();
    private @Nullable RemoteRegistry registry;
    private String suffix = "-value";
    private boolean byRecordName;

    /** For {@link #configure}. */
    public PenstockAvroSerde() {}

    @Override
    public void configure(Map<String, ?> config, boolean isKey) {
        Map<String, Object> settings = new HashMap<>(config);
        settings.putIfAbsent(RemoteRegistryConfig.AUTO_REGISTER, true); // what users of Confluent's serdes expect
        registry = new RemoteRegistry(settings);
        suffix = isKey ? "-key" : "-value";
        Object strategy = config.get(isKey ? "key.subject.name.strategy" : AvroSerdes.SUBJECT_STRATEGY);
        byRecordName = strategy != null && strategy.toString().endsWith("RecordNameStrategy");
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, value) -> value == null ? null : serialize(topic, value);
    }

    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : deserialize(bytes);
    }

    @Override
    public void close() {
        if (registry != null) {
            registry.close();
        }
    }

    @SuppressWarnings("unchecked") // a record's class is the type of its own format
    private byte[] serialize(String topic, T value) {
        return format((Class<T>) value.getClass()).encode(topic, value);
    }

    private T deserialize(byte[] bytes) {
        if (bytes.length < ConfluentWireFormat.HEADER_BYTES || bytes[0] != ConfluentWireFormat.MAGIC) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE, "The value is not Avro in the Confluent wire format.");
        }
        Schema written =
                registry().schema(ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt());
        return format(typeOf(written)).decode(bytes);
    }

    @SuppressWarnings("unchecked") // checked to be a specific record
    private Class<T> typeOf(Schema written) {
        Class<?> type = SpecificData.get().getClass(written);
        if (type == null || !SpecificRecord.class.isAssignableFrom(type)) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "There is no class for records of type " + written.getFullName() + ".");
        }
        return (Class<T>) type;
    }

    private WireFormat<T> format(Class<T> type) {
        return formats.computeIfAbsent(
                type,
                key -> new ConfluentWireFormat<>(
                        registry(), type, topic -> byRecordName ? type.getName() : topic + suffix));
    }

    private RemoteRegistry registry() {
        if (registry == null) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID, "The serde was not configured: set schema.registry.url.");
        }
        return registry;
    }
}
