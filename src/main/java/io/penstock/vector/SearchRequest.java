package io.penstock.vector;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A search.
 *
 * @param q what is sought, in words
 * @param filter which chunks are looked at
 * @param k hits wanted, 1 to {@value #MAX_K}
 * @param fusion how a hybrid search orders; of no matter in the other modes
 * @param position offsets on the Kafka topic {@code chunk} that the index must have reached, by partition; empty for none
 * @param patience how long the search waits for that
 */
public record SearchRequest(
        String q,
        ChunkFilter filter,
        int k,
        SearchMode mode,
        Fusion fusion,
        Map<Integer, Long> position,
        Duration patience) {
    public static final int MAX_K = 100;

    /** @throws PenstockException {@code parameter.invalid} when q is blank or k out of range */
    public SearchRequest {
        if (q.isBlank()) {
            throw new PenstockException(ErrorCode.PARAMETER_INVALID, "q is empty; say what to search for.");
        }
        if (k < 1 || k > MAX_K) {
            throw new PenstockException(
                    ErrorCode.PARAMETER_INVALID, "k is " + k + "; it must be between 1 and " + MAX_K + ".");
        }
        position = Map.copyOf(position);
    }

    /** A search of a topic, or of all, and of segments of one name, or of all. */
    public SearchRequest(String q, @Nullable String topic, @Nullable String segment, int k, SearchMode mode) {
        this(q, ChunkFilter.of(topic, segment), k, mode, Fusion.WEIGHTED, Map.of(), Duration.ZERO);
    }

    /** The same, answered once the index has reached a position, or not at all. */
    public SearchRequest reaching(Map<Integer, Long> newPosition, Duration newPatience) {
        return new SearchRequest(q, filter, k, mode, fusion, newPosition, newPatience);
    }
}
