package io.penstock.vector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.embedding.Vectors;
import io.penstock.schema.Chunk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.MultiReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/**
 * What Lucene does without a state store around it: writes the same fields with its standard settings, and searches as its
 * tutorial has it. For benchmarks.
 */
public final class BareLucene {
    private static final Set<String> STORED = Set.of(IndexFields.VALUE);

    private BareLucene() {}

    /** The indexes of all partitions in the state folder of an application. */
    public static IndexReader open(Path application, int partitions) throws IOException {
        List<IndexReader> readers = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            readers.add(DirectoryReader.open(
                    FSDirectory.open(application.resolve("0_" + partition).resolve(VectorIndexTopology.STORE))));
        }
        return new MultiReader(readers.toArray(IndexReader[]::new), true);
    }

    /** The best by cosine, with what is stored of them. */
    public static List<byte[]> dense(IndexReader reader, float[] vector, String model, int candidates, int k)
            throws IOException {
        IndexSearcher searcher = new IndexSearcher(reader);
        return stored(
                searcher,
                searcher.search(
                                new KnnFloatVectorQuery(IndexFields.vector(model, vector.length), vector, candidates),
                                k)
                        .scoreDocs);
    }

    /** The best by BM25, with what is stored of them. */
    public static List<byte[]> lexical(IndexReader reader, String text, int candidates, int k) throws IOException {
        IndexSearcher searcher = new IndexSearcher(reader);
        BooleanQuery.Builder words = new BooleanQuery.Builder();
        try (Analyzer analyzer = new EnglishAnalyzer()) {
            for (String term : TextAnalysis.terms(analyzer, text)) {
                words.add(new TermQuery(new Term(IndexFields.TEXT, term)), BooleanClause.Occur.SHOULD);
            }
        }
        ScoreDoc[] hits = searcher.search(words.build(), candidates).scoreDocs;
        return stored(searcher, java.util.Arrays.copyOf(hits, Math.min(k, hits.length)));
    }

    private static List<byte[]> stored(IndexSearcher searcher, ScoreDoc[] hits) throws IOException {
        List<byte[]> values = new ArrayList<>(hits.length);
        for (ScoreDoc hit : hits) {
            values.add(searcher.storedFields().document(hit.doc, STORED).getBinaryValue(IndexFields.VALUE).bytes);
        }
        return values;
    }

    /** One writer for each partition, all used by one thread. */
    public static final class Writers implements AutoCloseable {
        private final List<Directory> directories = new ArrayList<>();
        private final List<IndexWriter> writers = new ArrayList<>();
        private IndexReader reader;

        public Writers(Path folder, int partitions) throws IOException {
            List<IndexReader> readers = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) {
                Directory directory = FSDirectory.open(folder.resolve(Integer.toString(partition)));
                IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(new EnglishAnalyzer()));
                directories.add(directory);
                writers.add(writer);
                readers.add(DirectoryReader.open(writer));
            }
            reader = new MultiReader(readers.toArray(IndexReader[]::new), true);
        }

        public void put(int partition, String id, Chunk chunk) throws IOException {
            float[] vector = Vectors.decode(chunk.getEmbedding());
            Document document = new Document();
            document.add(new StringField(IndexFields.ID, id, Field.Store.NO));
            document.add(new StringField(IndexFields.TOPIC, chunk.getTopic(), Field.Store.NO));
            document.add(new StringField(IndexFields.SEGMENT, chunk.getSegment(), Field.Store.NO));
            document.add(new TextField(IndexFields.TEXT, chunk.getText(), Field.Store.NO));
            document.add(new StoredField(IndexFields.VALUE, chunk.getText().getBytes(UTF_8)));
            document.add(new KnnFloatVectorField(
                    IndexFields.vector(chunk.getModel(), vector.length), vector, VectorSimilarityFunction.DOT_PRODUCT));
            writers.get(partition).updateDocument(new Term(IndexFields.ID, id), document);
        }

        public void commit() throws IOException {
            for (IndexWriter writer : writers) {
                writer.commit();
            }
        }

        /** Shows what was written until now. The view before must not be in use any more. */
        public synchronized void refresh() throws IOException {
            List<IndexReader> readers = new ArrayList<>();
            for (IndexWriter writer : writers) {
                readers.add(DirectoryReader.open(writer));
            }
            IndexReader before = reader;
            reader = new MultiReader(readers.toArray(IndexReader[]::new), true);
            before.decRef();
        }

        /** The newest view, to be given back with {@code decRef}. */
        public synchronized IndexReader acquire() {
            reader.incRef();
            return reader;
        }

        @Override
        public void close() throws IOException {
            reader.decRef();
            for (IndexWriter writer : writers) {
                writer.rollback();
            }
            for (Directory directory : directories) {
                directory.close();
            }
        }
    }

    /** How often the store's view is renewed while chunks arrive. */
    public static Duration refreshInterval() {
        return VectorIndexSettings.forModel("").refreshInterval();
    }
}
