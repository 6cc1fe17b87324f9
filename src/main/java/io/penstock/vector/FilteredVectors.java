package io.penstock.vector;

import java.io.IOException;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.knn.KnnCollectorManager;

/**
 * The nearest vectors among those that a filter lets through. Where these are few, each is looked at, which is exact and takes no
 * longer; a walk through the graph would pass by most of them.
 */
final class FilteredVectors extends KnnFloatVectorQuery {
    /** So many dot products take about as long as a walk. */
    static final int FEW = 4_000;

    FilteredVectors(String field, float[] target, int k, Query filter) {
        super(field, target, k, filter);
    }

    @Override
    protected TopDocs approximateSearch(
            LeafReaderContext context, AcceptDocs accepted, int visitedLimit, KnnCollectorManager collectors)
            throws IOException {
        return accepted.cost() <= FEW
                ? exactSearch(context, accepted.iterator(), null)
                : super.approximateSearch(context, accepted, visitedLimit, collectors);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FilteredVectors && super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
