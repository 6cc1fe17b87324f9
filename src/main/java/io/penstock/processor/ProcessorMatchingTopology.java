package io.penstock.processor;

import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.Decode;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.RunEvent;
import io.penstock.schema.SegmentAlert;
import io.penstock.serde.AvroSerdes;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;

/**
 * Finds the processors of each segment that is to be collected: reads {@code alert.segment}, writes one {@code capture.task} for
 * each data-list entry, and MATCHED to {@code run.event}. Has no store.
 */
public final class ProcessorMatchingTopology {
    /** Name of the topology, in its dead letters and settings. */
    public static final String NAME = "processor-matching";

    static final String SOURCE = "segment-alerts";
    static final String DECODE = "decode-segment-alert";
    static final String MATCH = "match-processors";
    static final String TASK_SINK = "capture-tasks";
    static final String RUN_EVENT_SINK = "run-events";
    static final String DEAD_LETTER_SINK = "dead-letters";

    /** Records are at most 8 MiB, key, headers and batch included. */
    static final int MAX_TASK_BYTES = 8 * 1024 * 1024 - 64 * 1024;

    private final AvroSerdes serdes;
    private final CatalogView catalog;
    private final ProcessorView processors;
    private final InstantSource clock;
    private final ViewPatience.Pause pause;
    private final int maxTaskBytes;

    public ProcessorMatchingTopology(
            AvroSerdes serdes, CatalogView catalog, ProcessorView processors, InstantSource clock) {
        this(serdes, catalog, processors, clock, ProcessorMatchingTopology::sleep, MAX_TASK_BYTES);
    }

    ProcessorMatchingTopology(
            AvroSerdes serdes,
            CatalogView catalog,
            ProcessorView processors,
            InstantSource clock,
            ViewPatience.Pause pause,
            int maxTaskBytes) {
        this.serdes = serdes;
        this.catalog = catalog;
        this.processors = processors;
        this.clock = clock;
        this.pause = pause;
        this.maxTaskBytes = maxTaskBytes;
    }

    public Topology topology() {
        Topology topology = new Topology();
        topology.addSource(SOURCE, new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.ALERT_SEGMENT);
        topology.addProcessor(
                DECODE, () -> new Decode<>(serdes.codec(SegmentAlert.class), DECODE, MATCH, DEAD_LETTER_SINK), SOURCE);
        topology.addProcessor(
                MATCH,
                () -> new MatchProcessors(
                        catalog,
                        processors,
                        serdes.codec(CaptureTask.class),
                        clock,
                        new ViewPatience(clock, pause),
                        maxTaskBytes),
                DECODE);
        topology.addSink(
                TASK_SINK,
                Topics.CAPTURE_TASK,
                new StringSerializer(),
                new ByteArraySerializer(),
                new TaskPartitioner(),
                MATCH);
        topology.addSink(
                RUN_EVENT_SINK,
                Topics.RUN_EVENT,
                new StringSerializer(),
                serdes.topic(RunEvent.class).serializer(),
                MATCH);
        topology.addSink(
                DEAD_LETTER_SINK,
                Topics.deadLetter(NAME),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                DECODE);
        return topology;
    }

    private static void sleep(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
    }
}
