package io.penstock.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The Kafka topics that every installation has, with their settings. */
public final class FixedTopics {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final int REPLY_PARTITIONS = 16;

    private FixedTopics() {}

    /**
     * All but {@code _schemas}, which only the embedded registry needs.
     *
     * @param partitions of the topics that carry data ({@code PENSTOCK_PARTITIONS})
     * @param topologies whose dead letters get a topic, by name
     */
    public static List<TopicSpec> of(int partitions, Collection<String> topologies) {
        List<TopicSpec> specs = new ArrayList<>();
        for (String name :
                List.of(Topics.ALERT, Topics.ALERT_SEGMENT, Topics.CAPTURE_TASK, Topics.INFERENCE, Topics.RUN_EVENT)) {
            specs.add(TopicSpec.kept(name, partitions, WEEK));
        }
        specs.add(TopicSpec.compacted(Topics.CHUNK, partitions, WEEK));
        specs.add(TopicSpec.kept(Topics.CHAT_REQUEST, partitions, DAY));
        specs.add(TopicSpec.kept(Topics.CHAT_REPLY, REPLY_PARTITIONS, DAY));
        for (String name : List.of(Topics.CATALOG, Topics.PROCESSORS, Topics.SCHEDULE, Topics.INSTANCE)) {
            specs.add(TopicSpec.compacted(name, 1, WEEK));
        }
        specs.add(TopicSpec.kept(Topics.FENCE_ACK, 1, MONTH));
        for (String name : List.of(Topics.ALERT_REJECTED, Topics.ENRICHMENT_REJECTED)) {
            specs.add(TopicSpec.keptSinceWritten(name, 1, MONTH));
        }
        for (String topology : topologies) {
            specs.add(TopicSpec.keptSinceWritten(Topics.deadLetter(topology), 1, MONTH));
        }
        return List.copyOf(specs);
    }

    /** The topic in which the embedded registry keeps its schemas. */
    public static TopicSpec schemas() {
        return TopicSpec.compacted(Topics.SCHEMAS, 1, WEEK);
    }

    /** The topic for what is captured for a Penstock topic. */
    public static TopicSpec raw(String topic, int partitions) {
        return TopicSpec.kept(Topics.raw(topic), partitions, WEEK);
    }
}
