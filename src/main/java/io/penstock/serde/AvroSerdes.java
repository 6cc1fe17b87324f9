package io.penstock.serde;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/** Makes the serdes of all record types over one registry. */
public final class AvroSerdes {
    private final SchemaRegistry registry;

    public AvroSerdes(SchemaRegistry registry) {
        this.registry = registry;
    }

    /** For values on Kafka topics: the subject is the topic's name and {@code -value}. */
    public <T extends SpecificRecord> AvroCodec<T> codec(Class<T> type) {
        return new AvroCodec<>(registry, type, topic -> topic + "-value");
    }

    /** For values on Kafka topics: the subject is the topic's name and {@code -value}. */
    public <T extends SpecificRecord> Serde<T> topic(Class<T> type) {
        return serde(codec(type));
    }

    /** For values in state stores and repartition topics: the subject is the full name of the record type. */
    public <T extends SpecificRecord> Serde<T> store(Class<T> type) {
        return serde(new AvroCodec<>(registry, type, topic -> type.getName()));
    }

    /** For values inside a stage: what was decoded travels as the bytes it came as. */
    public <T extends SpecificRecord> Serde<Decoded<T>> decoded(Class<T> type) {
        AvroCodec<T> codec = codec(type);
        return Serdes.serdeFrom(
                (topic, value) -> value == null ? null : value.bytes(),
                (topic, bytes) -> bytes == null ? null : new Decoded<>(codec.decode(bytes), bytes));
    }

    private static <T extends SpecificRecord> Serde<T> serde(AvroCodec<T> codec) {
        return Serdes.serdeFrom(
                (topic, value) -> encodeOrNull(codec, topic, value),
                (topic, bytes) -> bytes == null ? null : codec.decode(bytes));
    }

    private static <T extends SpecificRecord> byte @Nullable [] encodeOrNull(
            AvroCodec<T> codec, String topic, @Nullable T value) {
        return value == null ? null : codec.encode(topic, value);
    }
}
