package io.penstock.vector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.Chunk;
import io.penstock.vector.CorpusStatistics.TermCount;
import io.penstock.vector.ShardHits.Candidate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.VectorUtil;
import org.jspecify.annotations.Nullable;

/** Answers the index's own queries from one view of one shard. May be used from any thread. */
final class ShardSearch {
    private final Analyzer analyzer = TextAnalysis.analyzer();
    private final ChunkDocuments documents;

    ShardSearch(ChunkDocuments documents) {
        this.documents = documents;
    }

    ShardHits search(IndexSearcher searcher, ChunkQuery query, boolean stale) throws IOException {
        // In order of documents, as the readers want them.
        Map<Integer, Found> found = new TreeMap<>();
        if (query.mode() != SearchMode.LEXICAL) {
            for (ScoreDoc hit : searcher.search(denseQuery(query), query.candidates()).scoreDocs) {
                found.computeIfAbsent(hit.doc, doc -> new Found()).cosine = cosine(hit.score);
            }
        }
        if (query.mode() != SearchMode.DENSE) {
            CorpusSearcher lexical = new CorpusSearcher(searcher, query.corpus());
            for (ScoreDoc hit : lexical.search(lexicalQuery(query), query.candidates()).scoreDocs) {
                found.computeIfAbsent(hit.doc, doc -> new Found()).bm25 = (double) hit.score;
            }
        }
        return new ShardHits(candidates(searcher, query, found), stale);
    }

    private static Query denseQuery(ChunkQuery query) {
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        query.filter().addTo(builder);
        BooleanQuery filter = builder.build();
        return new KnnFloatVectorQuery(
                IndexFields.vector(query.model(), query.vector().length),
                query.vector(),
                query.candidates(),
                filter.clauses().isEmpty() ? null : filter);
    }

    private Query lexicalQuery(ChunkQuery query) {
        BooleanQuery.Builder words = new BooleanQuery.Builder();
        for (String term : TextAnalysis.terms(analyzer, query.text())) {
            words.add(new TermQuery(new Term(IndexFields.TEXT, term)), BooleanClause.Occur.SHOULD);
        }
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        builder.add(words.build(), BooleanClause.Occur.MUST);
        builder.add(new TermQuery(new Term(IndexFields.MODEL, query.model())), BooleanClause.Occur.FILTER);
        query.filter().addTo(builder);
        return builder.build();
    }

    /** Lucene scores a dot product as {@code (1 + dot) / 2}. */
    private static double cosine(float score) {
        return 2.0 * score - 1;
    }

    private static List<Candidate> candidates(IndexSearcher searcher, ChunkQuery query, Map<Integer, Found> found)
            throws IOException {
        List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
        String field = IndexFields.vector(query.model(), query.vector().length);
        List<Candidate> candidates = new ArrayList<>(found.size());
        for (Map.Entry<Integer, Found> entry : found.entrySet()) {
            LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(entry.getKey(), leaves));
            int doc = entry.getKey() - leaf.docBase;
            Found scores = entry.getValue();
            @Nullable Double dense = scores.cosine;
            @Nullable Double lexical = scores.bm25;
            candidates.add(new Candidate(
                    id(leaf, doc),
                    dense != null ? dense : cosine(leaf, field, doc, query.vector()),
                    lexical != null ? lexical : 0,
                    dense != null,
                    lexical != null));
        }
        return candidates;
    }

    private static String id(LeafReaderContext leaf, int doc) throws IOException {
        BinaryDocValues ids = DocValues.getBinary(leaf.reader(), IndexFields.ID);
        if (!ids.advanceExact(doc)) {
            throw new IOException("Document " + doc + " has no id");
        }
        BytesRef id = ids.binaryValue();
        return new String(id.bytes, id.offset, id.length, UTF_8);
    }

    private static double cosine(LeafReaderContext leaf, String field, int doc, float[] vector) throws IOException {
        float[] other = ChunkDocuments.vector(leaf.reader(), field, doc);
        return other.length == vector.length ? VectorUtil.dotProduct(vector, other) : 0;
    }

    CorpusStatistics statistics(IndexSearcher searcher, CorpusQuery query) throws IOException {
        CollectionStatistics own = searcher.collectionStatistics(IndexFields.TEXT);
        if (own == null) {
            return CorpusStatistics.EMPTY;
        }
        Map<String, TermCount> terms = new HashMap<>();
        for (String text : TextAnalysis.terms(analyzer, query.text())) {
            Term term = new Term(IndexFields.TEXT, text);
            terms.put(
                    text,
                    new TermCount(
                            searcher.getIndexReader().docFreq(term),
                            searcher.getIndexReader().totalTermFreq(term)));
        }
        return new CorpusStatistics(own.maxDoc(), own.docCount(), own.sumTotalTermFreq(), own.sumDocFreq(), terms);
    }

    Map<String, Chunk> lookup(IndexSearcher searcher, ChunkLookup lookup) throws IOException {
        Map<String, Chunk> chunks = new HashMap<>();
        for (String id : lookup.ids()) {
            LiveDocument document = LiveDocument.find(searcher.getIndexReader(), new BytesRef(id));
            if (document != null) {
                chunks.put(id, documents.passage(document.reader(), document.doc()));
            }
        }
        return chunks;
    }

    private static final class Found {
        private @Nullable Double cosine;
        private @Nullable Double bm25;
    }
}
