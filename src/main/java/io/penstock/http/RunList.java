package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.StoreQueries;
import io.penstock.query.StoreQueries.Range;
import io.penstock.run.RunOrder;
import io.penstock.run.RunsTopology;
import io.penstock.schema.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pages of runs, the newest first. What begins while somebody reads on lies before what was read, and moves nothing. */
final class RunList {
    /** How many places are read at once when most of them may not be wanted. */
    private static final int FILTERED_PAGE = 1_000;

    private final StoreQueries stores;

    RunList(StoreQueries stores) {
        this.stores = stores;
    }

    /** @param next the {@code after} of the next page; null on the last */
    record Page(List<Run> runs, @Nullable String next) {}

    /**
     * @param alertId of the runs that are wanted; null for all
     * @param after the {@code next} of the page before, or the id of its last run
     * @throws PenstockException {@code parameter.invalid}, {@code not-ready}
     */
    Page page(@Nullable String alertId, int limit, @Nullable String after) {
        List<String> places = places(alertId, limit, after == null ? null : place(after));
        List<String> shown = places.subList(0, Math.min(limit, places.size()));
        List<String> ids = shown.stream().map(RunOrder::runId).toList();
        Map<String, Object> found = stores.getAll(RunsTopology.RUNS, ids);
        List<Run> runs = ids.stream()
                .filter(found::containsKey)
                .map(id -> (Run) found.get(id))
                .toList();
        return new Page(runs, places.size() > limit ? shown.getLast() : null);
    }

    /** One more than the limit where there are more. */
    private List<String> places(@Nullable String alertId, int limit, @Nullable String after) {
        List<String> places = new ArrayList<>();
        String from = after;
        do {
            int read = alertId == null ? limit + 1 : FILTERED_PAGE;
            StoreQueries.Page page = stores.page(RunsTopology.RUNS_BY_TIME, new Range(null, null, null, from, read));
            for (StoreQueries.Entry entry : page.entries()) {
                if (alertId == null || alertId.equals(((Map<?, ?>) entry.value()).get(RunOrder.ALERT_ID))) {
                    places.add(entry.key());
                }
            }
            from = page.next();
        } while (from != null && places.size() <= limit);
        return places;
    }

    private String place(String after) {
        if (RunOrder.isPlace(after)) {
            return after;
        }
        return stores.get(RunsTopology.RUNS, after)
                .map(run -> RunOrder.place((Run) run))
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.PARAMETER_INVALID,
                        "after is the 'next' of the page before, or the id of a run that there is."));
    }
}
