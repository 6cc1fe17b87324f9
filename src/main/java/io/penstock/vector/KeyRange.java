package io.penstock.vector;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.MultiTerms;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.StringHelper;
import org.jspecify.annotations.Nullable;

/**
 * Which keys an iteration covers, in byte order.
 *
 * @param from first key; null for the very first
 * @param to last key, inclusive; null for the very last
 * @param prefix what all keys begin with; null for anything
 */
record KeyRange(
        @Nullable BytesRef from,
        @Nullable BytesRef to,
        @Nullable BytesRef prefix) {

    static KeyRange between(byte @Nullable [] from, byte @Nullable [] to) {
        return new KeyRange(from == null ? null : new BytesRef(from), to == null ? null : new BytesRef(to), null);
    }

    static KeyRange startingWith(byte[] prefix) {
        return new KeyRange(new BytesRef(prefix), null, new BytesRef(prefix));
    }

    /** The keys as the dictionary holds them, read while one goes on; deleted ones may be among them. */
    Iterator<BytesRef> ascending(IndexReader index) throws IOException {
        Terms terms = MultiTerms.getTerms(index, IndexFields.ID);
        return terms == null ? Collections.emptyIterator() : new Ascending(terms.iterator());
    }

    /** The same the other way round. A dictionary reads forwards only, so the keys are held in memory meanwhile. */
    Iterator<BytesRef> descending(IndexReader index) throws IOException {
        List<BytesRef> keys = new ArrayList<>();
        ascending(index).forEachRemaining(key -> keys.add(BytesRef.deepCopyOf(key)));
        return keys.reversed().iterator();
    }

    private boolean covers(BytesRef key) {
        return (to == null || key.compareTo(to) <= 0) && (prefix == null || StringHelper.startsWith(key, prefix));
    }

    private final class Ascending implements Iterator<BytesRef> {
        private final TermsEnum terms;
        private @Nullable BytesRef ahead;
        private boolean started;
        private boolean looked;

        private Ascending(TermsEnum terms) {
            this.terms = terms;
        }

        @Override
        public boolean hasNext() {
            if (!looked) {
                looked = true;
                BytesRef key = advance();
                ahead = key != null && covers(key) ? key : null;
            }
            return ahead != null;
        }

        @Override
        public BytesRef next() {
            if (!hasNext() || ahead == null) {
                throw new NoSuchElementException();
            }
            looked = false;
            return ahead;
        }

        private @Nullable BytesRef advance() {
            try {
                if (started || from == null) {
                    started = true;
                    return terms.next();
                }
                started = true;
                return terms.seekCeil(from) == TermsEnum.SeekStatus.END ? null : terms.term();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
