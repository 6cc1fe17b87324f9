package io.penstock.enrich;

import io.penstock.record.Sweep;
import io.penstock.schema.EnrichedMark;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When a record was seen last, changed or not, as its mark tells. */
final class Sightings {
    private Sightings() {}

    static EnrichedMark seen(EnrichedMark mark, @Nullable String runId, Instant now) {
        return EnrichedMark.newBuilder(mark).setSeenAt(now).setSeenBy(runId).build();
    }

    /**
     * Whether the record is gone for a run that has seen all there is. What another run saw meanwhile stays: it may have looked
     * later.
     */
    static boolean isUnseen(EnrichedMark mark, Sweep sweep) {
        Instant seen =
                mark.getSeenAt() == null || mark.getSeenAt().isBefore(mark.getAt()) ? mark.getAt() : mark.getSeenAt();
        return mark.getIncarnation().equals(sweep.incarnation())
                && !sweep.runId().equals(mark.getSeenBy())
                && seen.isBefore(sweep.since());
    }
}
