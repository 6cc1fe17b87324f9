package io.penstock.run;

import io.penstock.deadletter.Decode;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunItem;
import io.penstock.serde.AvroSerdes;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * From {@code run.event} to the stores {@code runs}, {@code run-items} and {@code runs-by-time}: how far each run has come, and the
 * order in which runs are listed.
 *
 * <pre>
 *  run.event -> run-event-decode -> run-fold -> fence.ack, capture.task (deletes what is gone from its source)
 * </pre>
 */
public final class RunsTopology {
    public static final String NAME = "runs";
    public static final String RUNS = "runs";
    public static final String RUN_ITEMS = "run-items";
    public static final String RUNS_BY_TIME = "runs-by-time";

    static final String FENCE_ACKS = "fence-ack-sink";
    static final String SWEEPS = "capture-task-sink";
    private static final String FOLD = "run-fold";
    private static final String DEAD_LETTERS = "dead-letter-sink";

    private final AvroSerdes serdes;

    public RunsTopology(AvroSerdes serdes) {
        this.serdes = serdes;
    }

    public Topology build() {
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        ByteArraySerializer out = new ByteArraySerializer();
        return new Topology()
                .addSource("run-event-source", bytes, bytes, Topics.RUN_EVENT)
                .addProcessor(
                        "run-event-decode",
                        () -> new Decode<>(serdes.codec(RunEvent.class), "run-event-decode", FOLD, DEAD_LETTERS),
                        "run-event-source")
                .addProcessor(FOLD, RunFold::new, "run-event-decode")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(RUNS), Serdes.String(), serdes.store(Run.class)),
                        FOLD)
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(RUN_ITEMS),
                                Serdes.String(),
                                serdes.store(RunItem.class)),
                        FOLD)
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(RUNS_BY_TIME), Serdes.String(), Serdes.String()),
                        FOLD)
                .addSink(
                        FENCE_ACKS,
                        Topics.FENCE_ACK,
                        new StringSerializer(),
                        serdes.topic(FenceAck.class).serializer(),
                        FOLD)
                .addSink(
                        SWEEPS,
                        Topics.CAPTURE_TASK,
                        new StringSerializer(),
                        serdes.topic(CaptureTask.class).serializer(),
                        FOLD)
                .addSink(DEAD_LETTERS, Topics.deadLetter(NAME), out, out, "run-event-decode");
    }
}
