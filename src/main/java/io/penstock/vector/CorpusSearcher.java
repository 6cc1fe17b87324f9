package io.penstock.vector;

import io.penstock.vector.CorpusStatistics.TermCount;
import java.io.IOException;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermStatistics;
import org.jspecify.annotations.Nullable;

/**
 * Scores with the statistics of the whole collection instead of the shard's own. Since those were taken a moment ago, the shard
 * may hold more by now; then its own count.
 */
final class CorpusSearcher extends IndexSearcher {
    private final CorpusStatistics corpus;

    CorpusSearcher(IndexSearcher shard, CorpusStatistics corpus) {
        super(shard.getIndexReader());
        this.corpus = corpus;
    }

    @Override
    public TermStatistics termStatistics(Term term, int docFreq, long totalTermFreq) {
        TermCount count = corpus.terms().getOrDefault(term.text(), TermCount.NONE);
        return new TermStatistics(
                term.bytes(), Math.max(docFreq, count.documents()), Math.max(totalTermFreq, count.occurrences()));
    }

    @Override
    public @Nullable CollectionStatistics collectionStatistics(String field) throws IOException {
        CollectionStatistics own = super.collectionStatistics(field);
        if (own == null || !field.equals(IndexFields.TEXT)) {
            return own;
        }
        return new CollectionStatistics(
                field,
                Math.max(own.maxDoc(), corpus.documents()),
                Math.max(own.docCount(), corpus.documentsWithText()),
                Math.max(own.sumTotalTermFreq(), corpus.tokens()),
                Math.max(own.sumDocFreq(), corpus.postings()));
    }
}
