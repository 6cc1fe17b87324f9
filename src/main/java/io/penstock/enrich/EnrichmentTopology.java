package io.penstock.enrich;

import io.penstock.answer.Analysts;
import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.Decode;
import io.penstock.embedding.Embedder;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.Topics;
import io.penstock.processor.ProcessorView;
import io.penstock.schema.EnrichedMark;
import io.penstock.schema.EnrichmentRejection;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.Decoded;
import io.penstock.stage.DurableStageSupplier;
import io.penstock.stage.StageOptions;
import io.penstock.stage.StageOrder;
import io.penstock.stage.StageRuntime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Enrichment of one Penstock topic: text, quality, language, labels and analysis of what was captured. One instance per topic,
 * so that deleting a topic touches no other.
 *
 * <pre>
 * raw.topic -> decode -> admit -> enrich (durable stage) -> emit -> inference, enrichment.rejected, run.event, fence.ack
 *                 |         |        |
 *                 |         |        +-> failure -> dead-letter.enrichment, run.event
 *                 |         +-> run.event, dead-letter.enrichment; past the stage to emit goes the order to sweep a processor
 *                 +-> dead-letter.enrichment
 * </pre>
 */
public final class EnrichmentTopology {
    /** Name of the topology: of its dead letters, its stage and its acknowledgements. */
    public static final String NAME = "enrichment";

    /** Store of marks by record id: {@code EnrichedMark}. */
    public static final String ENRICHED_STORE = "enriched";

    /** Store of what is pending in the stage. */
    public static final String PENDING_STORE = "pending";

    /** What the application ids of all enrichments begin with. */
    public static final String APPLICATION_PREFIX = "penstock-enrichment-";

    private static final List<String> STORES = List.of(ENRICHED_STORE, PENDING_STORE);
    private static final String CHANGELOG = "-changelog";
    private static final int INCARNATION_CHARACTERS = 8;
    private static final int MAX_PARKED = 16;
    /** A large run of documents takes as long as one process takes to read them, and none of them fails for having waited. */
    private static final Duration LONGEST_DEFERRAL = Duration.ofHours(6);

    private final String topic;
    private final AvroSerdes serdes;
    private final CatalogView catalog;
    private final ProcessorView processors;
    private final EnrichFunction.Models models;
    private final StageRuntime runtime;
    private final InstantSource clock;
    private final EnrichmentSettings settings;

    /**
     * @param topic the Penstock topic
     * @param extractor makes text of what was captured
     * @param embedder compares texts with label descriptions
     * @param analysts write the analyses of processors that have a prompt
     */
    public EnrichmentTopology(
            String topic,
            AvroSerdes serdes,
            CatalogView catalog,
            ProcessorView processors,
            TextExtractor extractor,
            Embedder embedder,
            LanguageDetector languages,
            Analysts analysts,
            StageRuntime runtime,
            InstantSource clock,
            EnrichmentSettings settings) {
        this.topic = topic;
        this.serdes = serdes;
        this.catalog = catalog;
        this.processors = processors;
        this.models = new EnrichFunction.Models(
                extractor,
                settings.quality(),
                languages,
                new Labeller(embedder, settings.labelThreshold()),
                embedder,
                analysts);
        this.runtime = runtime;
        this.clock = clock;
        this.settings = settings;
    }

    /** The application id belongs to one life of the topic, and with it the group, the internal topics and the state folder. */
    public static String applicationId(String topic, String incarnation) {
        return APPLICATION_PREFIX + topic + "-"
                + incarnation.substring(0, Math.min(INCARNATION_CHARACTERS, incarnation.length()));
    }

    /** The Kafka topics that Streams makes for an application id: those behind its stores. */
    public static List<String> internalTopics(String applicationId) {
        return STORES.stream()
                .map(store -> applicationId + "-" + store + CHANGELOG)
                .toList();
    }

    /** The application id that a Kafka topic is an internal one of; empty when it is none of an enrichment. */
    public static Optional<String> applicationOf(String kafkaTopic) {
        return STORES.stream()
                .map(store -> "-" + store + CHANGELOG)
                .filter(end -> kafkaTopic.startsWith(APPLICATION_PREFIX) && kafkaTopic.endsWith(end))
                .map(end -> kafkaTopic.substring(0, kafkaTopic.length() - end.length()))
                .findFirst();
    }

    public Topology build() {
        Topology topology = new Topology();
        topology.addSource(Nodes.SOURCE, new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.raw(topic));
        topology.addProcessor(
                Nodes.DECODE,
                () -> new Decode<>(
                        serdes.codec(RawRecord.class), Nodes.DECODE, Nodes.ADMIT, Nodes.DEAD_LETTER, Nodes.ADMIT),
                Nodes.SOURCE);
        topology.addProcessor(Nodes.ADMIT, () -> new Admit(topic, catalog, clock), Nodes.DECODE);
        topology.addProcessor(
                Nodes.STAGE,
                new DurableStageSupplier<String, Decoded<RawRecord>, Outcome>(
                        options(),
                        Serdes.String(),
                        Deletion.orRecord(serdes.decoded(RawRecord.class)),
                        () -> new EnrichFunction(
                                topic,
                                catalog,
                                processors,
                                models,
                                serdes.codec(Inference.class),
                                clock,
                                KafkaSettings.MAX_RECORD_BYTES),
                        runtime),
                Nodes.ADMIT);
        topology.addProcessor(Nodes.EMIT, () -> new Emit(topic, clock), Nodes.STAGE, Nodes.ADMIT);
        topology.addProcessor(Nodes.FAILURE, () -> new Failure(topic, catalog, clock), Nodes.STAGE);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(ENRICHED_STORE),
                        Serdes.String(),
                        serdes.store(EnrichedMark.class)),
                Nodes.STAGE,
                Nodes.EMIT);
        addSinks(topology);
        return topology;
    }

    private StageOptions options() {
        return StageOptions.of(NAME, PENDING_STORE, Nodes.EMIT, Nodes.FAILURE)
                .withOrder(StageOrder.PER_KEY)
                .withMaxInFlight(settings.maxInFlight())
                .withMaxParked(MAX_PARKED)
                .withPendingOnDisk()
                .withDeferrals(LONGEST_DEFERRAL)
                .withCallTimeout(settings.callTimeout())
                .withAttempts(settings.maxAttempts(), settings.backoff(), settings.maxBackoff());
    }

    private void addSinks(Topology topology) {
        StringSerializer keys = new StringSerializer();
        topology.addSink(Nodes.INFERENCE, Topics.INFERENCE, keys, new ByteArraySerializer(), Nodes.EMIT);
        topology.addSink(
                Nodes.REJECTED,
                Topics.ENRICHMENT_REJECTED,
                keys,
                serdes.topic(EnrichmentRejection.class).serializer(),
                Nodes.EMIT);
        topology.addSink(
                Nodes.RUN_EVENT,
                Topics.RUN_EVENT,
                keys,
                serdes.topic(RunEvent.class).serializer(),
                Nodes.ADMIT,
                Nodes.EMIT,
                Nodes.FAILURE);
        topology.addSink(
                Nodes.FENCE_ACK,
                Topics.FENCE_ACK,
                keys,
                serdes.topic(FenceAck.class).serializer(),
                Nodes.EMIT);
        topology.addSink(
                Nodes.DEAD_LETTER,
                Topics.deadLetter(NAME),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                Nodes.DECODE,
                Nodes.ADMIT,
                Nodes.FAILURE);
    }
}
