package io.penstock.vector;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.jspecify.annotations.Nullable;

/**
 * A search.
 *
 * @param q what is sought, in words
 * @param topic only this topic; null for all
 * @param segment only segments of this name; null for all
 * @param k hits wanted, 1 to {@value #MAX_K}
 */
public record SearchRequest(
        String q, @Nullable String topic, @Nullable String segment, int k, SearchMode mode) {
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
    }
}
