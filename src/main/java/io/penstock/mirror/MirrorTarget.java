package io.penstock.mirror;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Where a mirror's copies lie. Each call waits for the other side, for a bounded time, and is made by one thread.
 *
 * <p>All calls throw {@link io.penstock.error.PenstockException}: {@code mirror.unreachable}, {@code mirror.unauthorized} and
 * {@code mirror.dimension} mean that the same call may succeed later; {@code mirror.refused} that something in the batch is not
 * acceptable and never will be. Their texts hold no secrets.
 */
interface MirrorTarget extends AutoCloseable {
    /** The name of the mirror, such as {@code redis}. */
    String name();

    /** What is copied here. */
    Set<MirrorSource> sources();

    /**
     * Connects if it is not connected, and makes what must be there before anything can be written.
     *
     * @return whose complete copy it holds, as {@link #mark} wrote it; empty when it holds none
     */
    String open();

    /** Divides changes of different keys into batches that one request can carry. */
    default List<List<Change>> batches(List<Change> changes) {
        List<List<Change>> batches = new ArrayList<>();
        for (int from = 0; from < changes.size(); from += batchSize()) {
            batches.add(changes.subList(from, Math.min(changes.size(), from + batchSize())));
        }
        return batches;
    }

    /** Changes that one request carries at most. */
    int batchSize();

    /** Does one batch of {@link #batches}; returns when all of it is acknowledged. */
    void apply(List<Change> batch);

    /**
     * The name by which a key is known here, for {@link #sweep}. Different keys have different names.
     */
    default String nameOf(MirrorSource source, String key) {
        return source + "/" + key;
    }

    /**
     * Removes what is not live, and touches nothing that Penstock did not write.
     *
     * @param live holds the {@link #nameOf names} of all live keys
     * @return how many were removed
     */
    long sweep(LiveKeys live);

    /** Notes that a complete copy is here now. */
    void mark(String identity);

    /** How often {@link #keep} is to be called. */
    Duration keepEvery();

    /**
     * Prolongs what lasts for a time only.
     *
     * @return whether the mark is still there; without it the copy is no longer complete
     */
    boolean keep(Instant now);

    @Override
    void close();
}
