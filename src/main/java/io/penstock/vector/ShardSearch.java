package io.penstock.vector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.Chunk;
import io.penstock.vector.CorpusStatistics.TermCount;
import io.penstock.vector.ShardHits.Candidate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TermStates;
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
    private final ChunkDocuments documents;
    private final QuestionTerms questions;
    private final ViewTerms terms = new ViewTerms();

    ShardSearch(ChunkDocuments documents, QuestionTerms questions) {
        this.documents = documents;
        this.questions = questions;
    }

    /** @throws IOException when the index cannot be read, or not within the query's patience */
    ShardHits search(IndexSearcher view, ChunkQuery query, boolean stale) throws IOException {
        Deadline deadline = new Deadline(query.patience());
        // In order of documents, as the readers want them.
        Map<Integer, Found> found = new TreeMap<>();
        if (query.mode() != SearchMode.LEXICAL) {
            IndexSearcher dense = deadline.limit(new IndexSearcher(view.getIndexReader()));
            for (ScoreDoc hit : dense.search(denseQuery(query), query.candidates()).scoreDocs) {
                found.computeIfAbsent(hit.doc, doc -> new Found()).cosine = cosine(hit.score);
            }
            deadline.check();
        }
        if (query.mode() != SearchMode.DENSE) {
            IndexSearcher lexical = deadline.limit(new CorpusSearcher(view, query.corpus()));
            for (ScoreDoc hit : lexical.search(lexicalQuery(view, query), query.candidates()).scoreDocs) {
                found.computeIfAbsent(hit.doc, doc -> new Found()).bm25 = (double) hit.score;
            }
            deadline.check();
        }
        return new ShardHits(candidates(view, query, wanted(query, found)), stale, ofOtherModels(view, query.model()));
    }

    private static Query denseQuery(ChunkQuery query) {
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        query.filter().addTo(builder);
        BooleanQuery filter = builder.build();
        String field = IndexFields.vector(query.model(), query.vector().length);
        return filter.clauses().isEmpty()
                ? new KnnFloatVectorQuery(field, query.vector(), query.candidates())
                : new FilteredVectors(field, query.vector(), query.candidates(), filter);
    }

    private Query lexicalQuery(IndexSearcher view, ChunkQuery query) throws IOException {
        BooleanQuery.Builder words = new BooleanQuery.Builder();
        for (String term : questions.of(query.text())) {
            words.add(
                    new TermQuery(new Term(IndexFields.TEXT, term), terms.of(view, term)), BooleanClause.Occur.SHOULD);
        }
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        builder.add(words.build(), BooleanClause.Occur.MUST);
        query.filter().addTo(builder);
        return builder.build();
    }

    /** Looked for only where there is a graph of another model. */
    private static int ofOtherModels(IndexSearcher view, String model) throws IOException {
        for (LeafReaderContext leaf : view.getIndexReader().leaves()) {
            for (FieldInfo field : leaf.reader().getFieldInfos()) {
                if (IndexFields.isVectorOfOther(field.name, model)) {
                    return view.getIndexReader().numDocs()
                            - view.count(new TermQuery(new Term(IndexFields.MODEL, model)));
                }
            }
        }
        return 0;
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
        @Nullable LeafColumns columns = null;
        for (Map.Entry<Integer, Found> entry : found.entrySet()) {
            LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(entry.getKey(), leaves));
            if (columns == null || columns.leaf != leaf) {
                columns = new LeafColumns(leaf, field);
            }
            int doc = entry.getKey() - leaf.docBase;
            Found scores = entry.getValue();
            @Nullable Double dense = scores.cosine;
            @Nullable Double lexical = scores.bm25;
            candidates.add(new Candidate(
                    columns.id(doc),
                    dense != null ? dense : columns.cosine(doc, query.vector()),
                    lexical != null ? lexical : 0,
                    dense != null,
                    lexical != null));
        }
        return candidates;
    }

    /** What is read of the documents of one segment, in their order. */
    private static final class LeafColumns {
        private final LeafReaderContext leaf;
        private final BinaryDocValues ids;
        private final @Nullable FloatVectorValues vectors;
        private final KnnVectorValues.@Nullable DocIndexIterator positions;

        LeafColumns(LeafReaderContext leaf, String field) throws IOException {
            this.leaf = leaf;
            this.ids = DocValues.getBinary(leaf.reader(), IndexFields.ID);
            this.vectors = leaf.reader().getFloatVectorValues(field);
            this.positions = vectors == null ? null : vectors.iterator();
        }

        String id(int doc) throws IOException {
            if (!ids.advanceExact(doc)) {
                throw new IOException("Document " + doc + " has no id");
            }
            BytesRef id = ids.binaryValue();
            return new String(id.bytes, id.offset, id.length, UTF_8);
        }

        /** 0 when the document has no vector of that kind. */
        double cosine(int doc, float[] question) throws IOException {
            if (vectors == null || positions == null) {
                return 0;
            }
            int at = positions.docID();
            if ((at < doc ? positions.advance(doc) : at) != doc) {
                return 0;
            }
            return VectorUtil.dotProduct(question, vectors.vectorValue(positions.index()));
        }
    }

    CorpusStatistics statistics(IndexSearcher searcher, CorpusQuery query) throws IOException {
        CollectionStatistics own = searcher.collectionStatistics(IndexFields.TEXT);
        if (own == null) {
            return CorpusStatistics.EMPTY;
        }
        Map<String, TermCount> counts = new HashMap<>();
        for (String term : questions.of(query.text())) {
            TermStates states = terms.of(searcher, term);
            counts.put(term, new TermCount(states.docFreq(), states.totalTermFreq()));
        }
        return new CorpusStatistics(own.maxDoc(), own.docCount(), own.sumTotalTermFreq(), own.sumDocFreq(), counts);
    }

    Map<String, Chunk> lookup(IndexSearcher searcher, Set<String> ids) throws IOException {
        Map<String, Chunk> chunks = new HashMap<>();
        LiveDocuments live = new LiveDocuments(searcher.getIndexReader());
        for (String id : ids) {
            Chunk passage = live.passage(new BytesRef(id), documents);
            if (passage != null) {
                chunks.put(id, passage);
            }
        }
        return chunks;
    }

    /** A fusion needs the whole lists; of one list nobody looks beyond the hits that are wanted, and those as good as the last. */
    private static Map<Integer, Found> wanted(ChunkQuery query, Map<Integer, Found> found) {
        if (query.mode() == SearchMode.HYBRID || found.size() <= query.wanted()) {
            return found;
        }
        double[] scores =
                found.values().stream().mapToDouble(Found::score).sorted().toArray();
        double least = scores[scores.length - query.wanted()];
        Map<Integer, Found> wanted = new TreeMap<>(found);
        wanted.values().removeIf(one -> one.score() < least);
        return wanted;
    }

    /**
     * When a search must have ended. Lucene looks at it while it searches, and then gives what it has. It looks at every vector, and
     * the clock takes about as long as a dot product: so most looks only count.
     */
    private static final class Deadline {
        private static final int LOOKS_FOR_ONE_AT_THE_CLOCK = 64;

        private final Duration patience;
        private final long end;
        private int looks;
        private boolean over;

        Deadline(Duration patience) {
            this.patience = patience;
            this.end = System.nanoTime() + patience.toNanos();
        }

        IndexSearcher limit(IndexSearcher searcher) {
            searcher.setTimeout(this::looksOver);
            return searcher;
        }

        private boolean looksOver() {
            if (!over && looks++ % LOOKS_FOR_ONE_AT_THE_CLOCK == 0) {
                over = isOver();
            }
            return over;
        }

        private boolean isOver() {
            return System.nanoTime() - end >= 0;
        }

        /** A part of the best is not what was asked for. */
        void check() throws IOException {
            if (isOver()) {
                throw new IOException("it was not searched within " + patience.toMillis() + " ms");
            }
        }
    }

    private static final class Found {
        private @Nullable Double cosine;
        private @Nullable Double bm25;

        double score() {
            return cosine != null ? cosine : bm25 != null ? bm25 : 0;
        }
    }
}
