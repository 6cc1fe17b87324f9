package io.penstock.vector;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/** Entries of one view of the index in the order of the given keys. To be closed, or the view's files stay open. */
final class KeyIterator implements KeyValueIterator<Bytes, byte[]> {
    private final LuceneIndex index;
    private final IndexSearcher searcher;
    private final ChunkDocuments documents;
    private final Iterator<BytesRef> keys;
    private @Nullable Bytes nextKey;
    private @Nullable LiveDocument nextDocument;
    private boolean closed;

    /** @param keys keys in the view; those whose document is deleted are passed over */
    KeyIterator(LuceneIndex index, IndexSearcher searcher, ChunkDocuments documents, Iterator<BytesRef> keys) {
        this.index = index;
        this.searcher = searcher;
        this.documents = documents;
        this.keys = keys;
    }

    @Override
    public boolean hasNext() {
        if (closed) {
            throw new IllegalStateException("The iterator is closed.");
        }
        try {
            while (nextDocument == null && keys.hasNext()) {
                BytesRef key = keys.next();
                nextDocument = LiveDocument.find(searcher.getIndexReader(), key);
                nextKey = Bytes.wrap(BytesRef.deepCopyOf(key).bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return nextDocument != null;
    }

    @Override
    public Bytes peekNextKey() {
        if (!hasNext() || nextKey == null) {
            throw new NoSuchElementException();
        }
        return nextKey;
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
        Bytes key = peekNextKey();
        LiveDocument document = nextDocument;
        if (document == null) {
            throw new NoSuchElementException();
        }
        nextDocument = null;
        try {
            return KeyValue.pair(key, documents.value(document.reader(), document.doc()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            index.release(searcher);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
