package io.penstock.vector;

import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import io.penstock.schema.FenceAck;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.time.InstantSource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;

/**
 * The vector index: a store whose changelog is the compacted Kafka topic {@code chunk} itself. It says INDEXED when it has
 * applied the last record of an item, and acknowledges orders to delete a record.
 *
 * <p>To run at least once: upserts by chunk id are idempotent, and under exactly once a running task never commits its store.
 */
public final class VectorIndexTopology {
    public static final String NAME = "vector-index";
    public static final String STORE = "vector-index";

    private static final String SOURCE = "chunk-source";
    private static final String UPDATE = "vector-index-update";
    private static final String ANNOUNCE = "vector-index-announce";
    private static final String RUN_EVENTS = "run-event-sink";
    private static final String FENCE_ACKS = "fence-ack-sink";
    private static final String DEAD_LETTERS = "dead-letter-sink";

    private final AvroSerdes serdes;
    private final InstantSource clock;
    private final VectorIndexSettings settings;
    private final VectorIndexActivity activity = new VectorIndexActivity();

    public VectorIndexTopology(AvroSerdes serdes, InstantSource clock, VectorIndexSettings settings) {
        this.serdes = serdes;
        this.clock = clock;
        this.settings = settings;
    }

    /** What the stores of this topology did, for metrics. */
    public VectorIndexActivity activity() {
        return activity;
    }

    public Topology build() {
        AvroCodec<Chunk> codec = serdes.codec(Chunk.class);
        ChunkReader reader = new ChunkReader(codec);
        return new Topology()
                .addReadOnlyStateStore(
                        VectorStores.builder(STORE, settings, codec, clock, activity),
                        SOURCE,
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer(),
                        settings.sourceTopic(),
                        UPDATE,
                        () -> new ChunkUpdater(STORE, reader, activity))
                .addProcessor(
                        ANNOUNCE,
                        () -> new ChunkAnnouncer(
                                reader, clock, activity, ANNOUNCE, RUN_EVENTS, FENCE_ACKS, DEAD_LETTERS),
                        SOURCE)
                .addSink(
                        RUN_EVENTS,
                        Topics.RUN_EVENT,
                        new StringSerializer(),
                        serdes.topic(RunEvent.class).serializer(),
                        ANNOUNCE)
                .addSink(
                        FENCE_ACKS,
                        Topics.FENCE_ACK,
                        new StringSerializer(),
                        serdes.topic(FenceAck.class).serializer(),
                        ANNOUNCE)
                .addSink(
                        DEAD_LETTERS,
                        Topics.deadLetter(NAME),
                        new ByteArraySerializer(),
                        new ByteArraySerializer(),
                        ANNOUNCE);
    }
}
