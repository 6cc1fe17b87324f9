package io.penstock.alert;

import io.penstock.catalog.CatalogView;
import io.penstock.catalog.Names;
import io.penstock.error.ErrorCode;
import io.penstock.run.RunIds;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an alert comes to: for each topic it addresses, the segments that are known and those that are not. The gateway and the
 * fan-out read the same catalog and so come to the same plan.
 */
public record AlertPlan(List<TopicPlan> topics) {
    /** In place of a topic: the named segments in every topic that has them. */
    public static final String EVERY_TOPIC = Names.EVERY_TOPIC;

    /** A segment as it is now. */
    public record Target(String segment, String incarnation) {}

    /** A segment that cannot be collected, and why. */
    public record Unknown(String segment, ErrorCode code, String reason) {}

    /**
     * The part of the alert that concerns one topic: one run, if any segment is known.
     *
     * @param incarnation the life of the topic; null when there is no such topic
     */
    public record TopicPlan(String topic, @Nullable String incarnation, List<Target> targets, List<Unknown> unknown) {
        public String runId(String alertId) {
            return RunIds.runId(alertId, topic);
        }

        public List<String> segments() {
            return targets.stream().map(Target::segment).toList();
        }
    }

    public boolean isKnown() {
        return !topics.isEmpty()
                && topics.stream().allMatch(topic -> topic.unknown().isEmpty());
    }

    public static AlertPlan of(String topic, List<String> segments, CatalogView catalog) {
        List<String> distinct = List.copyOf(new LinkedHashSet<>(segments));
        return topic.equals(EVERY_TOPIC)
                ? everyTopic(distinct, catalog)
                : new AlertPlan(List.of(plan(topic, distinct, catalog)));
    }

    private static AlertPlan everyTopic(List<String> segments, CatalogView catalog) {
        List<TopicPlan> plans = new ArrayList<>();
        LinkedHashSet<String> missing = new LinkedHashSet<>(segments);
        for (CatalogEntry topic : catalog.topics()) {
            List<Target> targets = plan(topic.getTopic(), segments, catalog).targets();
            if (!targets.isEmpty()) {
                plans.add(new TopicPlan(topic.getTopic(), topic.getIncarnation(), targets, List.of()));
                targets.forEach(target -> missing.remove(target.segment()));
            }
        }
        if (!missing.isEmpty()) {
            plans.add(new TopicPlan(
                    EVERY_TOPIC,
                    null,
                    List.of(),
                    missing.stream()
                            .map(segment -> new Unknown(
                                    segment,
                                    ErrorCode.SEGMENT_UNKNOWN,
                                    "No topic has a segment '" + segment + "'. Create it with POST /api/segment."))
                            .toList()));
        }
        return new AlertPlan(plans);
    }

    private static TopicPlan plan(String topic, List<String> segments, CatalogView catalog) {
        Optional<CatalogEntry> entry = catalog.topic(topic);
        List<Target> targets = new ArrayList<>();
        List<Unknown> unknown = new ArrayList<>();
        for (String segment : segments) {
            Optional<CatalogEntry> found = catalog.segment(topic, segment);
            if (entry.isEmpty()) {
                unknown.add(new Unknown(
                        segment,
                        ErrorCode.TOPIC_UNKNOWN,
                        "There is no topic '" + topic + "'. Create it with POST /api/topic."));
            } else if (entry.get().getState() == CatalogState.DELETING) {
                unknown.add(
                        new Unknown(segment, ErrorCode.TOPIC_DELETING, "The topic '" + topic + "' is being deleted."));
            } else if (found.isEmpty()) {
                unknown.add(new Unknown(
                        segment,
                        ErrorCode.SEGMENT_UNKNOWN,
                        "The topic '" + topic + "' has no segment '" + segment
                                + "'. Create it with POST /api/segment."));
            } else if (found.get().getState() == CatalogState.DELETING) {
                unknown.add(new Unknown(
                        segment,
                        ErrorCode.TOPIC_DELETING,
                        "The segment '" + segment + "' of '" + topic + "' is being deleted."));
            } else {
                targets.add(new Target(segment, found.get().getIncarnation()));
            }
        }
        return new TopicPlan(topic, entry.map(CatalogEntry::getIncarnation).orElse(null), targets, unknown);
    }
}
