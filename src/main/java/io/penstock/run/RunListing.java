package io.penstock.run;

import io.penstock.schema.Run;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** Keeps the store {@code runs-by-time} in step with the runs: the alert id of each run by its place. */
final class RunListing {
    private final KeyValueStore<String, String> places;

    RunListing(KeyValueStore<String, String> places) {
        this.places = places;
    }

    boolean holds(Run run) {
        Entry entry = Entry.of(run);
        return entry.alertId().equals(places.get(entry.place()));
    }

    /** Forgets places at which no run stands: another version may have moved it. */
    void forgetStale(ReadOnlyKeyValueStore<String, Run> runs) {
        List<String> stale = new ArrayList<>();
        try (KeyValueIterator<String, String> all = places.all()) {
            while (all.hasNext()) {
                String place = all.next().key;
                Run run = runs.get(RunOrder.runId(place));
                if (run == null || !RunOrder.place(run).equals(place)) {
                    stale.add(place);
                }
            }
        }
        stale.forEach(places::delete);
    }

    /** Where a run is listed, and under which alert. */
    record Entry(String place, String alertId) {
        static Entry of(Run run) {
            return new Entry(RunOrder.place(run), run.getAlertId());
        }
    }

    /** @param before null for a run that is not listed yet */
    void put(Run run, @Nullable Entry before) {
        Entry after = Entry.of(run);
        if (before != null && !before.place().equals(after.place())) {
            places.delete(before.place());
        }
        if (!after.equals(before)) {
            places.put(after.place(), after.alertId());
        }
    }
}
