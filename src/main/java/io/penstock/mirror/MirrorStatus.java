package io.penstock.mirror;

import io.penstock.error.ErrorCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a mirror is, as the instance sees it.
 *
 * @param backlog records that are not in the mirror yet; null when this instance does not write to it or does not know yet
 * @param since when the state was entered
 * @param upserts acknowledged since this instance started; likewise the other counts
 * @param skipped changes that were passed over because they cannot be read or the other side will never take them
 * @param failures calls that failed
 * @param error what went wrong last; null when nothing did
 * @param rebuiltAt when a rebuild was last completed by this instance
 */
public record MirrorStatus(
        String name,
        MirrorState state,
        Instant since,
        @Nullable Long backlog,
        long upserts,
        long deletes,
        long skipped,
        long failures,
        long rebuilds,
        @Nullable Failure error,
        @Nullable Instant rebuiltAt) {
    /** Something that went wrong. The text holds no secrets. */
    public record Failure(ErrorCode code, String detail, Instant at) {}
}
