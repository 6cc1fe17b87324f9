package io.penstock.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/** The Kafka topics that every installation has, with their settings. */
public final class FixedTopics {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration SEGMENT_OF_BEATS = Duration.ofMinutes(10);
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
        for (String name : List.of(Topics.CATALOG, Topics.PROCESSORS, Topics.SCHEDULE, Topics.REPLAYED)) {
            specs.add(TopicSpec.compacted(name, 1, WEEK));
        }
        specs.add(instance());
        specs.add(cancelled());
        specs.add(TopicSpec.kept(Topics.FENCE_ACK, 1, MONTH));
        for (String name : List.of(Topics.ALERT_REJECTED, Topics.ENRICHMENT_REJECTED)) {
            specs.add(TopicSpec.keptSinceWritten(name, 1, MONTH));
        }
        for (String topology : topologies) {
            specs.add(TopicSpec.keptSinceWritten(Topics.deadLetter(topology), 1, MONTH));
        }
        return List.copyOf(specs);
    }

    /** Written every two seconds by each instance and read whole by each that starts: what is superseded must go soon. */
    private static TopicSpec instance() {
        TopicSpec compacted = TopicSpec.compacted(Topics.INSTANCE, 1, DAY);
        Map<String, String> config = new HashMap<>(compacted.config());
        config.put(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(SEGMENT_OF_BEATS.toMillis()));
        return new TopicSpec(compacted.name(), compacted.partitions(), config);
    }

    /** Read whole by each instance that starts: what is older than any task that may still be captured is of no use. */
    private static TopicSpec cancelled() {
        TopicSpec compacted = TopicSpec.compacted(Topics.CANCELLED, 1, DAY);
        Map<String, String> config = new HashMap<>(compacted.config());
        config.put(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT + "," + TopicConfig.CLEANUP_POLICY_DELETE);
        config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(WEEK.plus(DAY).toMillis()));
        return new TopicSpec(compacted.name(), compacted.partitions(), config);
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
