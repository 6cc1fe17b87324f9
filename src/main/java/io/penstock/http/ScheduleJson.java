package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.catalog.CatalogView;
import io.penstock.catalog.Names;
import io.penstock.gateway.ScheduleFault;
import io.penstock.gateway.ScheduleOrder;
import io.penstock.run.RunIds;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Schedules as callers see them: with what is wrong with them, and only runs that there are. */
final class ScheduleJson {
    private final CatalogView catalog;
    private final Set<String> runs;

    /** @param runs those of {@link #runIds} that there are */
    ScheduleJson(CatalogView catalog, Set<String> runs) {
        this.catalog = catalog;
        this.runs = Set.copyOf(runs);
    }

    /** The runs that a schedule should have set off last. An alert to every topic sets off a run for each, which are not known here. */
    static Stream<String> runIds(ScheduleMark mark) {
        return mark.getLastAlerts().entrySet().stream()
                .filter(alert -> !alert.getValue().equals(Names.EVERY_TOPIC))
                .map(alert -> RunIds.runId(alert.getKey(), alert.getValue()));
    }

    ObjectNode of(String id, ScheduleMark mark) {
        ScheduleEntry entry = mark.getEntry();
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("id", id);
        node.setAll(ScheduleOrder.json(entry));
        problems(node.putArray("problems"), entry);
        node.put("file", entry.getFile());
        lastRun(node, mark);
        if (mark.getNextDue() == null) {
            node.putNull("next_run");
        } else {
            node.putObject("next_run")
                    .put("due", mark.getNextDue().toString())
                    .put("fires_at", text(mark.getNextFire() == null ? mark.getNextDue() : mark.getNextFire()));
        }
        return node;
    }

    private void problems(ArrayNode problems, ScheduleEntry entry) {
        for (ConfigProblem problem : entry.getProblems()) {
            problem(problems, problem.getCode(), problem.getField(), problem.getMessage(), problem.getLine());
        }
        if (entry.getProblems().isEmpty()) {
            for (ScheduleFault fault : ScheduleFault.in(entry, catalog)) {
                problem(problems, fault.code().code(), fault.field(), fault.message(), 0);
            }
        }
    }

    private static void problem(ArrayNode problems, String code, String field, String message, int line) {
        problems.addObject()
                .put("code", code)
                .put("field", field)
                .put("message", message)
                .put("line", line);
    }

    private void lastRun(ObjectNode node, ScheduleMark mark) {
        if (mark.getLastDue() == null) {
            node.putNull("last_run");
            return;
        }
        ObjectNode last =
                node.putObject("last_run").put("due", text(mark.getLastDue())).put("fired_at", text(mark.getFiredAt()));
        ArrayNode alerts = last.putArray("alerts");
        mark.getLastAlerts().forEach((alertId, topic) -> {
            String run = RunIds.runId(alertId, topic);
            alerts.addObject()
                    .put("alert_id", alertId)
                    .put("topic", topic)
                    .put("run_id", runs.contains(run) ? run : null);
        });
    }

    private static @Nullable String text(@Nullable Instant moment) {
        return moment == null ? null : moment.toString();
    }
}
