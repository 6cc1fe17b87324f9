package io.penstock.ingest;

import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.Decode;
import io.penstock.embedding.Embedder;
import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.LedgerEntry;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.stage.DurableStageSupplier;
import io.penstock.stage.StageOptions;
import io.penstock.stage.StageOrder;
import io.penstock.stage.StageRuntime;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * From inferences to embedded chunks.
 *
 * <pre>
 * inference -> decode -> admit -> embed (durable stage, in order per record) -> write -> chunk
 *                 |        |        |                                            |---> run.event
 *                 |        |        '-> reject --> dead letters, run.event       '---> fence.ack
 *                 |        '----------> dead letters, run.event
 *                 '-------------------> dead letters
 * </pre>
 *
 * The store {@value #RECORDS} holds the newest inference by record id, {@value #LEDGER} the chunks last written. What was embedded
 * with another model is embedded anew.
 */
public final class VectorIngestionTopology {
    /** Name of the topology. */
    public static final String NAME = "vector-ingestion";

    public static final String RECORDS = "records";
    public static final String LEDGER = "ledger";
    public static final String PENDING = "pending";
    /** The model that all records of a partition were last ordered to be embedded with. */
    static final String MODELS = "models";

    static final String ADMIT = "admit";
    static final String EMBED = "embed";
    static final String CHUNK = "chunk";
    static final String RUN_EVENT = "run-event";
    static final String FENCE_ACK = "fence-ack";
    static final String DEAD_LETTER = "dead-letter";

    private static final String SOURCE = "inference";
    private static final String DECODE = "decode";
    private static final String WRITE = "write";
    private static final String REJECT = "reject";

    /** The longest texts take minutes of model time, and take turns with all that are embedded beside them. */
    private static final Duration EMBEDDING_DEADLINE = Duration.ofHours(1);

    /**
     * Documents at once for each session. The StreamThread takes results and hands out more only between two commits; what
     * waits here meanwhile keeps the sessions busy.
     */
    private static final int DOCUMENTS_PER_SESSION = 8;

    private static final int MAX_PARKED = 16;

    private final AvroSerdes serdes;
    private final Embedder embedder;
    private final ChunkingSettings chunking;
    private final CatalogView catalog;
    private final StageRuntime runtime;
    private final IngestionCounters counters;
    private final int sessions;

    /**
     * @param embedder in whose line of documents ingestion stands
     * @param counters told what is done; shared by all tasks
     * @param sessions model sessions that documents may occupy at once
     */
    public VectorIngestionTopology(
            AvroSerdes serdes,
            Embedder embedder,
            ChunkingSettings chunking,
            CatalogView catalog,
            StageRuntime runtime,
            IngestionCounters counters,
            int sessions) {
        this.serdes = serdes;
        this.embedder = embedder;
        this.chunking = chunking;
        this.catalog = catalog;
        this.runtime = runtime;
        this.counters = counters;
        this.sessions = sessions;
    }

    public Topology build() {
        AvroCodec<Inference> codec = serdes.codec(Inference.class);
        ChunkMaker maker = new ChunkMaker(embedder, new Chunker(embedder, chunking), counters);
        int documentsAtOnce = sessions * DOCUMENTS_PER_SESSION;
        StageOptions options = StageOptions.of(NAME, PENDING, WRITE, REJECT)
                .withOrder(StageOrder.PER_KEY)
                .withMaxInFlight(documentsAtOnce)
                .withMaxParked(MAX_PARKED)
                .withPendingOnDisk()
                .withCallTimeout(EMBEDDING_DEADLINE);

        Topology topology = new Topology();
        topology.addSource(SOURCE, new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.INFERENCE);
        topology.addProcessor(DECODE, () -> new Decode<>(codec, DECODE, ADMIT, DEAD_LETTER, ADMIT), SOURCE);
        topology.addProcessor(
                ADMIT,
                () -> new Admit(catalog, counters, new Renewal(embedder.fingerprint(), documentsAtOnce)),
                DECODE);
        topology.addProcessor(
                EMBED,
                new DurableStageSupplier<>(
                        options,
                        Serdes.String(),
                        new IngestOrderSerde(codec),
                        () -> new EmbedFunction(maker, documentsAtOnce),
                        runtime),
                ADMIT);
        topology.addProcessor(WRITE, () -> new Write(catalog, counters), EMBED);
        topology.addProcessor(REJECT, Reject::new, EMBED);
        topology.addStateStore(store(RECORDS, Inference.class), EMBED, WRITE);
        topology.addStateStore(store(LEDGER, LedgerEntry.class), ADMIT, EMBED, WRITE);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(MODELS), Serdes.String(), Serdes.String())
                        .withLoggingEnabled(Map.of()),
                ADMIT);

        topology.addSink(
                CHUNK,
                Topics.CHUNK,
                new StringSerializer(),
                serdes.topic(Chunk.class).serializer(),
                new ChunkPartitioner<>(),
                WRITE);
        topology.addSink(
                RUN_EVENT,
                Topics.RUN_EVENT,
                new StringSerializer(),
                serdes.topic(RunEvent.class).serializer(),
                ADMIT,
                WRITE,
                REJECT);
        topology.addSink(
                FENCE_ACK,
                Topics.FENCE_ACK,
                new StringSerializer(),
                serdes.topic(FenceAck.class).serializer(),
                WRITE);
        topology.addSink(
                DEAD_LETTER,
                Topics.deadLetter(NAME),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                DECODE,
                ADMIT,
                REJECT);
        return topology;
    }

    private <T extends SpecificRecord> StoreBuilder<KeyValueStore<String, T>> store(String name, Class<T> type) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), serdes.store(type))
                .withLoggingEnabled(Map.of());
    }
}
