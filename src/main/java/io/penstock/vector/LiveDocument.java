package io.penstock.vector;

import java.io.IOException;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/** Where the one document with a key is that has not been deleted. */
record LiveDocument(LeafReader reader, int doc) {

    static @Nullable LiveDocument find(IndexReader view, BytesRef key) throws IOException {
        return new LiveDocuments(view).find(key);
    }
}
