package io.penstock.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads changes from the Kafka topics of the sources. */
final class ChangeReader {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeReader.class);

    private final Map<String, MirrorSource> sources = new HashMap<>();
    private final Map<MirrorSource, AvroCodec<? extends SpecificRecord>> codecs = new EnumMap<>(MirrorSource.class);

    /** @param topics the Kafka topic of each source */
    ChangeReader(AvroSerdes serdes, Map<MirrorSource, String> topics) {
        topics.forEach((source, topic) -> {
            sources.put(topic, source);
            codecs.put(source, serdes.codec(source.type()));
        });
    }

    /**
     * The change that a record is; empty when it cannot be read and never will be.
     *
     * @throws PenstockException {@code not-ready} when the registry cannot be asked now
     */
    Optional<Change> read(ConsumerRecord<byte[], byte[]> record) {
        MirrorSource source = Objects.requireNonNull(sources.get(record.topic()), record.topic());
        if (record.key() == null) {
            return Optional.empty();
        }
        String key = new String(record.key(), UTF_8);
        byte[] value = record.value();
        if (value == null) {
            return Optional.of(new Change.Delete(source, key));
        }
        try {
            SpecificRecord decoded = Objects.requireNonNull(codecs.get(source)).decode(value);
            return Optional.of(new Change.Upsert(source, key, decoded));
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                throw e;
            }
            LOG.warn("{}-{}@{} is not mirrored: {}", record.topic(), record.partition(), record.offset(), e.detail());
            return Optional.empty();
        }
    }
}
