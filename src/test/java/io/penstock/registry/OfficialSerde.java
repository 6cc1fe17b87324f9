package io.penstock.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.pulsar.kafka.shade.avro.generic.GenericDatumReader;
import org.apache.pulsar.kafka.shade.avro.generic.GenericDatumWriter;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroSerializer;

/**
 * Confluent's serializer and deserializer as a serde of specific records. Theirs were relocated together with an Avro of their
 * own, so records change sides as Avro bytes.
 */
public final class OfficialSerde implements Serde<SpecificRecord> {
    private final KafkaAvroSerializer serializer = new KafkaAvroSerializer();
    private final KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();

    /** For {@link #configure}. */
    public OfficialSerde() {}

    @Override
    public void configure(Map<String, ?> config, boolean isKey) {
        Map<String, Object> theirs = new HashMap<>(config);
        theirs.replaceAll((name, value) ->
                name.endsWith("subject.name.strategy") ? "org.apache.pulsar.kafka.shade." + value : value);
        theirs.put("specific.avro.reader", false);
        theirs.put("auto.register.schemas", false);
        serializer.configure(theirs, isKey);
        deserializer.configure(theirs, isKey);
    }

    @Override
    public Serializer<SpecificRecord> serializer() {
        return (topic, value) -> serializer.serialize(topic, theirs(value));
    }

    @Override
    public Deserializer<SpecificRecord> deserializer() {
        return (topic, bytes) -> ours((GenericRecord) deserializer.deserialize(topic, bytes));
    }

    private static GenericRecord theirs(SpecificRecord value) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
            new SpecificDatumWriter<>(value.getSchema(), SpecificData.getForSchema(value.getSchema()))
                    .write(value, encoder);
            encoder.flush();
            return new GenericDatumReader<GenericRecord>(new org.apache.pulsar.kafka.shade.avro.Schema.Parser()
                            .parse(value.getSchema().toString()))
                    .read(
                            null,
                            org.apache.pulsar.kafka.shade.avro.io.DecoderFactory.get()
                                    .binaryDecoder(out.toByteArray(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SpecificRecord ours(GenericRecord value) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            org.apache.pulsar.kafka.shade.avro.io.BinaryEncoder encoder =
                    org.apache.pulsar.kafka.shade.avro.io.EncoderFactory.get().binaryEncoder(out, null);
            new GenericDatumWriter<GenericRecord>(value.getSchema()).write(value, encoder);
            encoder.flush();
            Schema written = new Schema.Parser().parse(value.getSchema().toString());
            Class<?> type = SpecificData.get().getClass(written);
            Schema read = SpecificData.get().getSchema(type);
            return new SpecificDatumReader<SpecificRecord>(written, read, SpecificData.getForSchema(read))
                    .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
