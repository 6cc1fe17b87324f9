package io.penstock.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.ScheduleEntry;
import io.penstock.seed.ScheduleFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Schedules as callers write and read them. */
public final class ScheduleOrder {
    static final String TARGETS = "targets";
    private static final String TOPIC = "topic";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
    private static final int LONGEST_ID = 200;

    private ScheduleOrder() {}

    /**
     * What a schedule becomes by a change. What it collects must exist, unless it is only turned off or stays so.
     *
     * @param known the schedule as it is
     * @throws PenstockException {@code name.invalid}; {@code config.invalid}, naming the field; what a collection of the same would be
     *     refused with
     */
    static ScheduleEntry entry(String id, Optional<ScheduleEntry> known, JsonNode body, CatalogView catalog) {
        requireId(id);
        if (known.isEmpty()) {
            requireWhole(id, body);
        }
        ObjectNode whole = known.map(ScheduleOrder::json).orElseGet(JsonNodeFactory.instance::objectNode);
        body.properties().forEach(field -> whole.set(field.getKey(), field.getValue()));
        List<ConfigProblem> problems = new ArrayList<>();
        ScheduleEntry.Builder entry = ScheduleEntry.newBuilder()
                .setId(id)
                .setFile(known.map(ScheduleEntry::getFile).orElse(null))
                .setFileHash(known.map(ScheduleEntry::getFileHash).orElse(null))
                .setTargets(targets(body, whole, problems));
        ScheduleFields.read(whole, entry, problems);
        if (!problems.isEmpty()) {
            ConfigProblem first = problems.getFirst();
            throw new PenstockException(ErrorCode.CONFIG_INVALID, first.getField() + ": " + first.getMessage());
        }
        ScheduleEntry changed = entry.build();
        if (changed.getEnabled() || namesTargets(body)) {
            for (ScheduleFault fault : ScheduleFault.in(changed, catalog)) {
                throw new PenstockException(fault.code(), fault.message());
            }
        }
        return changed;
    }

    private static boolean namesTargets(JsonNode body) {
        return body.has(TOPIC) || body.has(TARGETS);
    }

    /** As a change has it. */
    public static ObjectNode json(ScheduleEntry entry) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put(ScheduleFields.SCHEDULE, entry.getSchedule())
                .put(ScheduleFields.TIME_ZONE, entry.getTimeZone())
                .put(
                        ScheduleFields.JITTER,
                        Duration.ofMillis(entry.getJitterMs()).toString())
                .put(ScheduleFields.ENABLED, entry.getEnabled());
        ArrayNode targets = node.putArray(TARGETS);
        for (CollectTarget target : entry.getTargets()) {
            ArrayNode segments =
                    targets.addObject().put(TOPIC, target.getTopic()).putArray("segment_targets");
            target.getSegmentTargets().forEach(segments::add);
        }
        return node;
    }

    private static void requireId(String id) {
        if (id.length() > LONGEST_ID || !ID.matcher(id).matches()) {
            throw new PenstockException(
                    ErrorCode.NAME_INVALID,
                    "The id of a schedule is at most " + LONGEST_ID
                            + " letters, digits, dots, dashes and underscores, in parts with '/' between them.");
        }
    }

    private static void requireWhole(String id, JsonNode body) {
        List<String> missing = new ArrayList<>();
        if (!body.has(ScheduleFields.SCHEDULE)) {
            missing.add("'schedule'");
        }
        if (!namesTargets(body)) {
            missing.add("'topic' and 'segment_targets', or 'targets'");
        }
        if (!missing.isEmpty()) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "There is no schedule '" + id + "' that could be changed, and a new one lacks "
                            + String.join(" as well as ", missing)
                            + ". A whole one is {\"schedule\": \"PT15M\", \"topic\": \"economy\", \"segment_targets\":"
                            + " [\"statements\"]}; 'time_zone', 'jitter' and 'enabled' may be left out. GET /api/schedules"
                            + " lists what there is.");
        }
    }

    private static List<CollectTarget> targets(JsonNode body, JsonNode whole, List<ConfigProblem> problems) {
        if (body.has(TOPIC) || !whole.has(TARGETS)) {
            return List.of(ScheduleFields.target(body, "", problems));
        }
        List<CollectTarget> targets = new ArrayList<>();
        int i = 0;
        for (JsonNode target : whole.path(TARGETS)) {
            targets.add(ScheduleFields.target(target, TARGETS + "[" + i++ + "].", problems));
        }
        if (targets.isEmpty()) {
            problems.add(ConfigProblem.newBuilder()
                    .setCode(ErrorCode.CONFIG_INVALID.code())
                    .setField(TARGETS)
                    .setMessage("A schedule collects at least one target.")
                    .build());
        }
        return targets;
    }
}
