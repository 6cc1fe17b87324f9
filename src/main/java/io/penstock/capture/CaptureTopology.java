package io.penstock.capture;

import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.Decode;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.CapturedResponses;
import io.penstock.schema.FenceAck;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.stage.DurableStageSupplier;
import io.penstock.stage.StageOptions;
import io.penstock.stage.StageOrder;
import io.penstock.stage.StageRuntime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Predicate;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * The worker pool over the data lists: reads {@code capture.task}, captures each entry through a durable stage within the limits
 * of its processor, and writes {@code raw.<topic>}, what became of the task to {@code run.event}, and failures to the dead
 * letters. It remembers responses that have a validator, and asks for them conditionally. A fence cancels what is pending for the
 * lives or the run it ends, and is acknowledged on {@code fence.ack}, once per partition.
 */
public final class CaptureTopology {
    /** Name of the topology, in its dead letters, acknowledgements and settings. */
    public static final String NAME = "capture";

    /** The store of what is pending. */
    public static final String PENDING_STORE = "pending";

    /** The store of responses that may be asked for conditionally. */
    public static final String CAPTURED_STORE = "captured";

    static final String SOURCE = "tasks";
    static final String DECODE = "decode-task";
    static final String CAPTURE = "capture";
    static final String EMIT = "emit";
    static final String REPORT = "report-failure";
    static final String RAW_SINK = "raw";
    static final String RUN_EVENT_SINK = "run-events";
    static final String FENCE_ACK_SINK = "fence-acks";
    static final String DEAD_LETTER_SINK = "dead-letters";

    private static final int MAX_IN_FLIGHT = 256;
    private static final double JITTER = 0.5;
    /**
     * So long a host may be busy, or ask for time, before what is to be captured from it fails because of that: many of the longest
     * holds. For a host that is down the gate names less.
     */
    private static final Duration LONGEST_DEFERRAL = Duration.ofHours(6);

    private static final Duration BEYOND_THE_REQUEST = Duration.ofSeconds(15);

    private final AvroSerdes serdes;
    private final CatalogView catalog;
    private final Predicate<String> cancelledRuns;
    private final Source source;
    private final CaptureSettings settings;
    private final StageRuntime runtime;
    private final InstantSource clock;

    /** @param source usually {@link Sources}; the caller closes it */
    public CaptureTopology(
            AvroSerdes serdes,
            CatalogView catalog,
            Source source,
            CaptureSettings settings,
            StageRuntime runtime,
            InstantSource clock) {
        this(serdes, catalog, run -> false, source, settings, runtime, clock);
    }

    /**
     * @param cancelledRuns whether the run of this id was cancelled
     * @param source usually {@link Sources}; the caller closes it
     */
    public CaptureTopology(
            AvroSerdes serdes,
            CatalogView catalog,
            Predicate<String> cancelledRuns,
            Source source,
            CaptureSettings settings,
            StageRuntime runtime,
            InstantSource clock) {
        this.serdes = serdes;
        this.catalog = catalog;
        this.cancelledRuns = cancelledRuns;
        this.source = source;
        this.settings = settings;
        this.runtime = runtime;
        this.clock = clock;
    }

    /** The pace that is kept by further requests of a capture that runs on this runtime. */
    public static Pace pace(StageRuntime runtime) {
        return processor -> runtime.furtherStart(CaptureFunction.providerOf(processor));
    }

    /** How the stage behaves unless told otherwise. */
    public static StageOptions stageOptions(CaptureSettings settings) {
        return StageOptions.of(CAPTURE, PENDING_STORE, EMIT, REPORT)
                .withOrder(StageOrder.NONE)
                .withMaxInFlight(MAX_IN_FLIGHT)
                .withJitter(JITTER)
                .withDeferrals(LONGEST_DEFERRAL)
                .withCallTimeout(settings.task().timeout().plus(BEYOND_THE_REQUEST));
    }

    public Topology topology() {
        return topology(stageOptions(settings));
    }

    Topology topology(StageOptions options) {
        Lives lives = new Lives(catalog, cancelledRuns);
        AvroCodec<RawRecord> raw = serdes.codec(RawRecord.class);
        Topology topology = new Topology();
        topology.addSource(SOURCE, new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.CAPTURE_TASK);
        topology.addProcessor(
                DECODE, () -> new Decode<>(serdes.codec(CaptureTask.class), DECODE, CAPTURE, DEAD_LETTER_SINK), SOURCE);
        topology.addProcessor(
                CAPTURE,
                new DurableStageSupplier<>(
                        options,
                        Serdes.String(),
                        serdes.decoded(CaptureTask.class),
                        () -> new CaptureFunction(source, lives, raw, clock, settings),
                        runtime),
                DECODE);
        topology.addProcessor(EMIT, () -> new EmitRaw(lives, clock), CAPTURE);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(CAPTURED_STORE),
                        Serdes.String(),
                        serdes.store(CapturedResponses.class)),
                CAPTURE,
                EMIT);
        topology.addProcessor(REPORT, () -> new ReportFailure(clock), CAPTURE);
        topology.addSink(
                RAW_SINK, new RawTopic(), new StringSerializer(), new ByteArraySerializer(), new RawPartitions(), EMIT);
        topology.addSink(
                RUN_EVENT_SINK,
                Topics.RUN_EVENT,
                new StringSerializer(),
                serdes.topic(RunEvent.class).serializer(),
                EMIT,
                REPORT);
        topology.addSink(
                FENCE_ACK_SINK,
                Topics.FENCE_ACK,
                new StringSerializer(),
                serdes.topic(FenceAck.class).serializer(),
                EMIT);
        topology.addSink(
                DEAD_LETTER_SINK,
                Topics.deadLetter(NAME),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                DECODE,
                REPORT);
        return topology;
    }
}
