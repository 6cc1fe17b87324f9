package io.penstock.topology;

import java.util.Map;

/**
 * What a file in {@code topologies/} says about a topology.
 *
 * @param name names the class that builds it
 * @param applicationId of Kafka Streams; where a topology has several instances, what their ids begin with
 * @param role which app instances run it: {@code gateway}, {@code processors}, {@code rag}, or {@code all}
 * @param description what it does, for people
 * @param kafka settings of Kafka Streams and its clients
 * @param file where this was read
 */
public record TopologyDefinition(
        String name,
        String applicationId,
        Guarantee guarantee,
        int threads,
        String role,
        String description,
        Map<String, String> kafka,
        String file) {

    /** The same for one of several instances of the topology. */
    public TopologyDefinition instance(String instanceName, String instanceApplicationId) {
        return new TopologyDefinition(
                instanceName, instanceApplicationId, guarantee, threads, role, description, kafka, file);
    }
}
