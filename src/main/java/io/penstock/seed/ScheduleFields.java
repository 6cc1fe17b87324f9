package io.penstock.seed;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.catalog.Names;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schedule.Timetable;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.ScheduleEntry;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fields of a schedule, as a file and a request have them. What is wrong with one becomes a problem, and the others are read. */
public final class ScheduleFields {
    public static final String SCHEDULE = "schedule";
    public static final String TIME_ZONE = "time_zone";
    public static final String JITTER = "jitter";
    public static final String ENABLED = "enabled";

    private ScheduleFields() {}

    /** Reads how often, in which zone, how exactly and whether at all; then checks that it can be understood together. */
    public static void read(JsonNode node, ScheduleEntry.Builder entry, List<ConfigProblem> problems) {
        int before = problems.size();
        entry.setSchedule(schedule(node.get(SCHEDULE), problems))
                .setTimeZone(timeZone(node.get(TIME_ZONE), problems))
                .setJitterMs(jitter(node.get(JITTER), problems))
                .setEnabled(enabled(node.get(ENABLED), problems));
        if (problems.size() == before) {
            try {
                var _ = Timetable.of(entry.build());
            } catch (PenstockException e) {
                problems.add(problem(SCHEDULE, e.detail()));
            }
        }
    }

    private static String schedule(@Nullable JsonNode node, List<ConfigProblem> problems) {
        if (node != null && node.isNumber()) {
            if (node.doubleValue() <= 0 || !Double.isFinite(node.doubleValue())) {
                problems.add(problem(SCHEDULE, "The number of days is greater than 0."));
            }
            return node.decimalValue().toPlainString();
        }
        if (node != null && node.isTextual() && !node.textValue().isBlank()) {
            return node.textValue().strip();
        }
        problems.add(problem(
                SCHEDULE, "A schedule is a number of days, a duration such as \"PT15M\", or a cron expression."));
        return "";
    }

    private static @Nullable String timeZone(@Nullable JsonNode node, List<ConfigProblem> problems) {
        if (node == null || node.isNull()) {
            return null;
        }
        if (!node.isTextual() || node.textValue().isBlank()) {
            problems.add(problem(TIME_ZONE, "A time zone is text such as \"Europe/Berlin\"."));
            return null;
        }
        String zone = node.textValue().strip();
        try {
            var _ = Timetable.zone(zone);
        } catch (PenstockException e) {
            problems.add(problem(TIME_ZONE, e.detail()));
        }
        return zone;
    }

    private static long jitter(@Nullable JsonNode node, List<ConfigProblem> problems) {
        if (node == null || node.isNull()) {
            return 0;
        }
        try {
            Duration jitter = Duration.parse(node.asText());
            if (!jitter.isNegative() && jitter.compareTo(Timetable.LONGEST_JITTER) <= 0) {
                return jitter.toMillis();
            }
        } catch (DateTimeParseException e) {
            // said below
        }
        problems.add(problem(JITTER, "A jitter is a duration from \"PT0S\" to \"PT24H\", such as \"PT30S\"."));
        return 0;
    }

    private static boolean enabled(@Nullable JsonNode node, List<ConfigProblem> problems) {
        if (node == null || node.isNull()) {
            return true;
        }
        if (!node.isBoolean()) {
            problems.add(problem(ENABLED, "It is true or false."));
        }
        return node.asBoolean(true);
    }

    /** @param field what to put before the names of the fields that problems name */
    public static CollectTarget target(JsonNode node, String field, List<ConfigProblem> problems) {
        String topic = text(node, "topic");
        List<String> segments = new ArrayList<>();
        node.path("segment_targets").forEach(segment -> segments.add(segment.asText()));
        String single = text(node, "segment");
        if (segments.isEmpty() && single != null) {
            segments.add(single);
        }
        if (!Names.EVERY_TOPIC.equals(topic)) {
            Names.problem("topic", topic).ifPresent(fault -> problems.add(problem(field + "topic", fault)));
        }
        if (segments.isEmpty()) {
            problems.add(problem(field + "segment_targets", "There is no segment to collect."));
        }
        for (String segment : segments) {
            Names.problem("segment", segment)
                    .ifPresent(fault -> problems.add(problem(field + "segment_targets", fault)));
        }
        return CollectTarget.newBuilder()
                .setTopic(topic == null ? "" : topic)
                .setSegmentTargets(segments)
                .build();
    }

    static ConfigProblem problem(String field, String message) {
        return ConfigProblem.newBuilder()
                .setCode(ErrorCode.CONFIG_INVALID.code())
                .setField(field)
                .setMessage(message)
                .build();
    }

    static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isTextual() && !value.textValue().isBlank() ? value.textValue() : null;
    }
}
