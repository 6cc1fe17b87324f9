package io.penstock.vector;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.index.IndexReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TermStates;
import org.apache.lucene.search.IndexSearcher;
import org.jspecify.annotations.Nullable;

/**
 * Where the terms of questions are in the view of a shard, and how often: looked up once, for the statistics of a question and for
 * its search, and for all questions until the next refresh. May be used from any thread.
 */
final class ViewTerms {
    /** Further terms are looked up each time. */
    private static final int MOST = 2_048;

    private volatile Known known = new Known(null);

    TermStates of(IndexSearcher view, String text) throws IOException {
        IndexReaderContext context = view.getTopReaderContext();
        Known current = known;
        if (current.context != context.id()) {
            current = new Known(context.id());
            known = current;
        }
        TermStates states = current.terms.get(text);
        if (states == null) {
            states = TermStates.build(view, new Term(IndexFields.TEXT, text), true);
            if (current.terms.size() < MOST) {
                current.terms.put(text, states);
            }
        }
        return states;
    }

    /** Holds no reader, so that it keeps none open. */
    private static final class Known {
        private final @Nullable Object context;
        private final Map<String, TermStates> terms = new ConcurrentHashMap<>();

        Known(@Nullable Object context) {
            this.context = context;
        }
    }
}
