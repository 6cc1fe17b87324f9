package io.penstock.schedule;

import io.penstock.deadletter.Decode;
import io.penstock.kafka.Topics;
import io.penstock.schema.Alert;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.serde.AvroSerdes;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * From {@code schedule} to {@code alert}: fires what is due, in one transaction with the mark that it was.
 *
 * <pre>
 *  schedule -> schedule-decode -> schedule-fire -> alert
 * </pre>
 */
public final class ScheduleTopology {
    public static final String NAME = "schedule";
    public static final String SCHEDULE = "schedule";

    static final String ALERT_SINK = "alert-sink";
    private static final String FIRE = "schedule-fire";
    private static final String DEAD_LETTERS = "dead-letter-sink";

    private final AvroSerdes serdes;

    public ScheduleTopology(AvroSerdes serdes) {
        this.serdes = serdes;
    }

    public Topology build() {
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        ByteArraySerializer out = new ByteArraySerializer();
        return new Topology()
                .addSource("schedule-source", bytes, bytes, Topics.SCHEDULE)
                .addProcessor(
                        "schedule-decode",
                        () -> new Decode<>(
                                serdes.codec(ScheduleEntry.class), "schedule-decode", FIRE, DEAD_LETTERS, FIRE),
                        "schedule-source")
                .addProcessor(FIRE, ScheduleFire::new, "schedule-decode")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(SCHEDULE),
                                Serdes.String(),
                                serdes.store(ScheduleMark.class)),
                        FIRE)
                .addSink(
                        ALERT_SINK,
                        Topics.ALERT,
                        new StringSerializer(),
                        serdes.topic(Alert.class).serializer(),
                        FIRE)
                .addSink(DEAD_LETTERS, Topics.deadLetter(NAME), out, out, "schedule-decode");
    }
}
