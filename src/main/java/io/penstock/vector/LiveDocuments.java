package io.penstock.vector;

import io.penstock.schema.Chunk;
import java.io.IOException;
import java.util.List;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/** Finds the one document with a key that has not been deleted, in one view; what that takes is made once for all keys. Used by one thread. */
final class LiveDocuments {
    private final List<LeafReaderContext> leaves;
    private final @Nullable Segment[] segments;

    LiveDocuments(IndexReader view) {
        this.leaves = view.leaves();
        this.segments = new Segment[leaves.size()];
    }

    @Nullable
    LiveDocument find(BytesRef key) throws IOException {
        Place place = place(key);
        return place == null ? null : new LiveDocument(place.segment.reader, place.doc);
    }

    /** The chunk of that document, without its embedding. */
    @Nullable
    Chunk passage(BytesRef key, ChunkDocuments documents) throws IOException {
        Place place = place(key);
        return place == null ? null : documents.passage(place.segment.storedFields(), place.doc);
    }

    private @Nullable Place place(BytesRef key) throws IOException {
        for (LeafReaderContext leaf : leaves) {
            Segment segment = segment(leaf);
            int doc = segment.find(key);
            if (doc != DocIdSetIterator.NO_MORE_DOCS) {
                return new Place(segment, doc);
            }
        }
        return null;
    }

    private Segment segment(LeafReaderContext leaf) throws IOException {
        Segment segment = segments[leaf.ord];
        if (segment == null) {
            segment = new Segment(leaf.reader());
            segments[leaf.ord] = segment;
        }
        return segment;
    }

    private record Place(Segment segment, int doc) {}

    private static final class Segment {
        private final LeafReader reader;
        private final @Nullable TermsEnum keys;
        private final @Nullable Bits live;
        private @Nullable PostingsEnum postings;
        private @Nullable StoredFields stored;

        Segment(LeafReader reader) throws IOException {
            Terms terms = reader.terms(IndexFields.ID);
            this.reader = reader;
            this.keys = terms == null ? null : terms.iterator();
            this.live = reader.getLiveDocs();
        }

        int find(BytesRef key) throws IOException {
            if (keys == null || !keys.seekExact(key)) {
                return DocIdSetIterator.NO_MORE_DOCS;
            }
            PostingsEnum documents = keys.postings(postings, PostingsEnum.NONE);
            postings = documents;
            int doc = documents.nextDoc();
            while (doc != DocIdSetIterator.NO_MORE_DOCS && live != null && !live.get(doc)) {
                doc = documents.nextDoc();
            }
            return doc;
        }

        StoredFields storedFields() throws IOException {
            StoredFields fields = stored;
            if (fields == null) {
                fields = reader.storedFields();
                stored = fields;
            }
            return fields;
        }
    }
}
