package io.penstock.vector;

import java.io.IOException;
import org.apache.lucene.index.FilterMergePolicy;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.MergeTrigger;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.TieredMergePolicy;

/**
 * Which segments are merged. While chunks arrive, only such as have no large graph to be made again each time; once the index has
 * come to rest and {@link org.apache.lucene.index.IndexWriter#maybeMerge} is called, more, because a search walks through the graph
 * of each segment, and a walk through a large graph takes hardly longer than through a small one.
 */
final class RestingMerges extends FilterMergePolicy {
    /** Somewhat fewer than the 8 of Lucene's standard. */
    private static final int SEGMENTS_PER_TIER = 4;

    /** What each refresh leaves is merged with its like. */
    private static final double SMALLEST_TIER_MIB = 1;

    /** The fewest that Lucene allows. */
    private static final int SEGMENTS_PER_TIER_AT_REST = 2;

    /** Some thousand chunks: so much may be written anew for a single new one. */
    private static final double SMALLEST_TIER_AT_REST_MIB = 16;

    private final TieredMergePolicy atRest = new TieredMergePolicy()
            .setSegmentsPerTier(SEGMENTS_PER_TIER_AT_REST)
            .setFloorSegmentMB(SMALLEST_TIER_AT_REST_MIB);

    RestingMerges() {
        super(new TieredMergePolicy().setSegmentsPerTier(SEGMENTS_PER_TIER).setFloorSegmentMB(SMALLEST_TIER_MIB));
    }

    @Override
    public MergePolicy.MergeSpecification findMerges(
            MergeTrigger trigger, SegmentInfos segments, MergePolicy.MergeContext context) throws IOException {
        return trigger == MergeTrigger.EXPLICIT
                ? atRest.findMerges(trigger, segments, context)
                : super.findMerges(trigger, segments, context);
    }
}
