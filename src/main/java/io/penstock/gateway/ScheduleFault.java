package io.penstock.gateway;

import io.penstock.alert.AlertPlan;
import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ScheduleEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * Why part of what a schedule collects cannot be collected now: its alert would be rejected, as a collection of the same would be.
 *
 * @param field of the schedule
 */
public record ScheduleFault(ErrorCode code, String field, String message) {

    /** All that there are, in the order of the targets. */
    public static List<ScheduleFault> in(ScheduleEntry entry, CatalogView catalog) {
        List<ScheduleFault> faults = new ArrayList<>();
        List<CollectTarget> targets = entry.getTargets();
        for (int i = 0; i < targets.size(); i++) {
            String field = ScheduleOrder.TARGETS + "[" + i + "]";
            AlertPlan.of(targets.get(i).getTopic(), targets.get(i).getSegmentTargets(), catalog).topics().stream()
                    .flatMap(topic -> topic.unknown().stream())
                    .map(unknown -> new ScheduleFault(unknown.code(), field, unknown.reason()))
                    .distinct()
                    .forEach(faults::add);
        }
        return faults;
    }
}
