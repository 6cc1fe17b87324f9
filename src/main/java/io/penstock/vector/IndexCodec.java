package io.penstock.vector;

import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;

/**
 * Lucene's standard, but with a graph only where it pays. A segment of some thousand vectors is looked through in the time that a
 * walk to 100 candidates takes, and exactly; and the small segments that come with each refresh, and are merged soon, are written
 * and merged without making a graph each time.
 */
final class IndexCodec {
    /** In Lucene's measure, which makes it graphs from about 4,200 vectors on; its standard of 100 makes them from 650 on. */
    private static final int NO_GRAPH_BELOW = 500;

    private static final int ONE_THREAD = 1;

    private IndexCodec() {}

    @SuppressWarnings("NullAway") // null says that there is no executor to merge with
    static Lucene104Codec create() {
        KnnVectorsFormat vectors = new Lucene99HnswVectorsFormat(
                Lucene99HnswVectorsFormat.DEFAULT_MAX_CONN,
                Lucene99HnswVectorsFormat.DEFAULT_BEAM_WIDTH,
                ONE_THREAD,
                null,
                NO_GRAPH_BELOW);
        return new Lucene104Codec() {
            @Override
            public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                return vectors;
            }
        };
    }
}
