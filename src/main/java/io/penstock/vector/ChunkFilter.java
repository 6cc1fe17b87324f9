package io.penstock.vector;

import java.time.Instant;
import org.apache.lucene.document.LongField;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.TermQuery;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks a search looks at; a null component does not restrict.
 *
 * @param item the item of a record, whatever topic, segment and processor it has
 * @param label one of the labels of the record
 * @param capturedFrom captured at this time or later
 * @param capturedUntil captured before this time
 */
public record ChunkFilter(
        @Nullable String topic,
        @Nullable String segment,
        @Nullable String processor,
        @Nullable String item,
        @Nullable String recordId,
        @Nullable String label,
        @Nullable String language,
        @Nullable Instant capturedFrom,
        @Nullable Instant capturedUntil) {
    public static final ChunkFilter NONE = new ChunkFilter(null, null, null, null, null, null, null, null, null);

    public static ChunkFilter of(@Nullable String topic, @Nullable String segment) {
        return new ChunkFilter(topic, segment, null, null, null, null, null, null, null);
    }

    /** Adds what restricts as clauses that do not score. */
    void addTo(BooleanQuery.Builder query) {
        term(query, IndexFields.TOPIC, topic);
        term(query, IndexFields.SEGMENT, segment);
        term(query, IndexFields.PROCESSOR, processor);
        term(query, IndexFields.ITEM, item);
        term(query, IndexFields.RECORD, recordId);
        term(query, IndexFields.LABELS, label);
        term(query, IndexFields.LANGUAGE, language);
        if (capturedFrom != null || capturedUntil != null) {
            long from = capturedFrom == null ? Long.MIN_VALUE : capturedFrom.toEpochMilli();
            long last = capturedUntil == null ? Long.MAX_VALUE : capturedUntil.toEpochMilli() - 1;
            query.add(LongField.newRangeQuery(IndexFields.CAPTURED_AT, from, last), BooleanClause.Occur.FILTER);
        }
    }

    private static void term(BooleanQuery.Builder query, String field, @Nullable String value) {
        if (value != null) {
            query.add(new TermQuery(new Term(field, value)), BooleanClause.Occur.FILTER);
        }
    }
}
