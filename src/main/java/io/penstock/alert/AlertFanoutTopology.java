package io.penstock.alert;

import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.Decode;
import io.penstock.kafka.Topics;
import io.penstock.processor.ProcessorView;
import io.penstock.schema.Alert;
import io.penstock.schema.AlertRejection;
import io.penstock.schema.RunEvent;
import io.penstock.schema.SeenAlert;
import io.penstock.schema.SegmentAlert;
import io.penstock.schema.WaitingAlert;
import io.penstock.serde.AvroSerdes;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * From {@code alert} to {@code alert.segment}: deduplicates by alert id, then splits each alert into one order per segment.
 *
 * <pre>
 *  alert -> alert-decode -> alert-intake -> (by alert id) -> alert-by-id-decode -> alert-fanout -> alert.segment
 *                                                                                       |-> run.event, alert.rejected
 * </pre>
 */
public final class AlertFanoutTopology {
    public static final String NAME = "alert-fanout";
    public static final String SEEN_ALERTS = "seen-alerts";
    public static final String WAITING_ALERTS = "waiting-alerts";
    /** Made by the provisioner like every other Kafka topic, with the partitions of {@code alert}. */
    public static final String BY_ID_TOPIC = "penstock-alert-fanout-alert-by-id-repartition";

    static final String INTAKE = "alert-intake";
    static final String BY_ID_SINK = "alert-by-id-sink";
    static final String SEGMENT_SINK = "alert-segment-sink";
    static final String REJECTED_SINK = "alert-rejected-sink";
    static final String RUN_EVENT_SINK = "run-event-sink";
    static final String DEAD_LETTERS = "dead-letter-sink";
    private static final String FANOUT = "alert-fanout";

    private final AvroSerdes serdes;
    private final CatalogView catalog;
    private final ProcessorView processors;

    public AlertFanoutTopology(AvroSerdes serdes, CatalogView catalog, ProcessorView processors) {
        this.serdes = serdes;
        this.catalog = catalog;
        this.processors = processors;
    }

    public Topology build() {
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        StringSerializer keys = new StringSerializer();
        return new Topology()
                .addSource("alert-source", bytes, bytes, Topics.ALERT)
                .addProcessor(
                        "alert-decode",
                        () -> new Decode<>(serdes.codec(Alert.class), "alert-decode", INTAKE, DEAD_LETTERS),
                        "alert-source")
                .addProcessor(INTAKE, AlertIntake::new, "alert-decode")
                .addSink(
                        BY_ID_SINK, BY_ID_TOPIC, keys, serdes.store(Alert.class).serializer(), INTAKE)
                .addSource("alert-by-id-source", bytes, bytes, BY_ID_TOPIC)
                .addProcessor(
                        "alert-by-id-decode",
                        () -> new Decode<>(serdes.codec(Alert.class), "alert-by-id-decode", FANOUT, DEAD_LETTERS),
                        "alert-by-id-source")
                .addProcessor(FANOUT, () -> new AlertFanout(catalog, processors), "alert-by-id-decode")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(SEEN_ALERTS),
                                Serdes.String(),
                                serdes.store(SeenAlert.class)),
                        FANOUT)
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(WAITING_ALERTS),
                                Serdes.String(),
                                serdes.store(WaitingAlert.class)),
                        FANOUT)
                .addSink(
                        SEGMENT_SINK,
                        Topics.ALERT_SEGMENT,
                        keys,
                        serdes.topic(SegmentAlert.class).serializer(),
                        FANOUT)
                .addSink(
                        REJECTED_SINK,
                        Topics.ALERT_REJECTED,
                        keys,
                        serdes.topic(AlertRejection.class).serializer(),
                        FANOUT)
                .addSink(
                        RUN_EVENT_SINK,
                        Topics.RUN_EVENT,
                        keys,
                        serdes.topic(RunEvent.class).serializer(),
                        FANOUT)
                .addSink(
                        DEAD_LETTERS,
                        Topics.deadLetter(NAME),
                        new ByteArraySerializer(),
                        new ByteArraySerializer(),
                        "alert-decode",
                        INTAKE,
                        "alert-by-id-decode");
    }
}
