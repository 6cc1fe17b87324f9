package io.penstock.vector;

import java.io.IOException;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/** Where the one document with a key is that has not been deleted. */
record LiveDocument(LeafReader reader, int doc) {

    static @Nullable LiveDocument find(IndexReader index, BytesRef key) throws IOException {
        Term term = new Term(IndexFields.ID, key);
        for (LeafReaderContext leaf : index.leaves()) {
            PostingsEnum postings = leaf.reader().postings(term, PostingsEnum.NONE);
            Bits live = leaf.reader().getLiveDocs();
            while (postings != null && postings.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
                if (live == null || live.get(postings.docID())) {
                    return new LiveDocument(leaf.reader(), postings.docID());
                }
            }
        }
        return null;
    }
}
