package io.penstock.vector;

import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroCodec;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Makes vector index stores. */
public final class VectorStores {
    private VectorStores() {}

    /** Stores of raw bytes: chunk id in UTF-8 to {@link Chunk} in the Confluent wire format. */
    public static KeyValueBytesStoreSupplier supplier(
            String name,
            VectorIndexSettings settings,
            AvroCodec<Chunk> codec,
            InstantSource clock,
            VectorIndexActivity activity) {
        Semaphore merges = PatientMerges.turns();
        QuestionTerms questions = new QuestionTerms(TextAnalysis.analyzer(settings.analyzer()));
        return new KeyValueBytesStoreSupplier() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public KeyValueStore<Bytes, byte[]> get() {
                return new LuceneVectorStore(name, settings, codec, clock, activity, questions, merges);
            }

            @Override
            public String metricsScope() {
                return "lucene";
            }
        };
    }

    /** The same, read and written as text and chunk, for a topology. */
    public static StoreBuilder<KeyValueStore<String, Chunk>> builder(
            String name,
            VectorIndexSettings settings,
            AvroCodec<Chunk> codec,
            InstantSource clock,
            VectorIndexActivity activity) {
        return Stores.keyValueStoreBuilder(
                        supplier(name, settings, codec, clock, activity), Serdes.String(), serde(codec))
                .withLoggingDisabled()
                .withCachingDisabled();
    }

    /** Under the subject of the topic that is the changelog, whatever name Streams has for the store's own. */
    @SuppressWarnings("NullAway") // Streams serializes the absence of a value too
    private static Serde<Chunk> serde(AvroCodec<Chunk> codec) {
        return Serdes.serdeFrom(
                (topic, chunk) -> chunk == null ? null : codec.encode(Topics.CHUNK, chunk),
                (topic, bytes) -> bytes == null ? null : codec.decode(bytes));
    }
}
