package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.KafkaSettings;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.Alert;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.topology.StreamsProperties;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyFiles;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.kafka.streams.KafkaStreams;

/**
 * The topology of the schedules alone, with the settings of the application, to be killed. The order {@code owns} is answered with
 * whether it fires the schedules now. Ends with its input.
 */
public final class ScheduleProgram {
    private ScheduleProgram() {}

    /** @param arguments bootstrap servers, folder */
    public static void main(String... arguments) throws Exception {
        TopologyDefinition definition = Objects.requireNonNull(
                TopologyFiles.read(Path.of("topologies")).definitions().get(ScheduleTopology.NAME));
        try (KafkaStreams streams = new KafkaStreams(
                        new ScheduleTopology(serdes()).build(),
                        StreamsProperties.of(
                                definition,
                                new KafkaSettings(arguments[0], java.util.Map.of(), (short) 1),
                                Path.of(arguments[1])));
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            streams.start();
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                System.out.println(streams.state() == KafkaStreams.State.RUNNING
                        && streams.metadataForLocalThreads().stream()
                                .anyMatch(thread -> !thread.activeTasks().isEmpty()));
            }
        }
    }

    /** The same numbers for the same schemas in every process. */
    static AvroSerdes serdes() {
        MemoryRegistry registry = new MemoryRegistry();
        registry.register("", ScheduleEntry.getClassSchema());
        registry.register("", ScheduleMark.getClassSchema());
        registry.register("", Alert.getClassSchema());
        return new AvroSerdes(registry);
    }
}
