package io.penstock.vector;

import io.penstock.embedding.Vectors;
import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.util.BytesRef;

/**
 * Turns chunks into Lucene documents and back. The vector is kept once, in the graph's own file: the stored value is the
 * chunk without its embedding, in the Confluent wire format, and a read puts the embedding back.
 */
final class ChunkDocuments {
    private static final ByteBuffer NO_EMBEDDING = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private static final Set<String> STORED = Set.of(IndexFields.VALUE);

    private final AvroCodec<Chunk> codec;

    ChunkDocuments(AvroCodec<Chunk> codec) {
        this.codec = codec;
    }

    Chunk decode(byte[] value) {
        return codec.decode(value);
    }

    byte[] encode(Chunk chunk) {
        return codec.encode(Topics.CHUNK, chunk);
    }

    Document document(byte[] key, Chunk chunk) {
        float[] vector = Vectors.decode(chunk.getEmbedding());
        Document document = new Document();
        document.add(new StringField(IndexFields.ID, new BytesRef(key), Field.Store.NO));
        document.add(new BinaryDocValuesField(IndexFields.ID, new BytesRef(key)));
        term(document, IndexFields.RECORD, chunk.getRecordId());
        term(document, IndexFields.TOPIC, chunk.getTopic());
        term(document, IndexFields.SEGMENT, chunk.getSegment());
        term(document, IndexFields.PROCESSOR, chunk.getProcessor());
        term(document, IndexFields.ITEM, chunk.getItem());
        term(document, IndexFields.LANGUAGE, chunk.getLanguage());
        term(document, IndexFields.MODEL, chunk.getModel());
        chunk.getLabels().forEach(label -> term(document, IndexFields.LABELS, label));
        if (chunk.getCapturedAt() != null) {
            document.add(
                    new LongField(IndexFields.CAPTURED_AT, chunk.getCapturedAt().toEpochMilli(), Field.Store.NO));
        }
        text(document, chunk);
        document.add(new KnnFloatVectorField(
                IndexFields.vector(chunk.getModel(), vector.length), vector, VectorSimilarityFunction.DOT_PRODUCT));
        document.add(new StoredField(IndexFields.VALUE, encode(withEmbedding(chunk, NO_EMBEDDING))));
        return document;
    }

    /** Label, title and headings are searched with the text: they are the context a passage is cut out of. */
    private static void text(Document document, Chunk chunk) {
        document.add(new TextField(IndexFields.TEXT, chunk.getLabel(), Field.Store.NO));
        String title = chunk.getTitle();
        if (title != null && !title.equals(chunk.getLabel())) {
            document.add(new TextField(IndexFields.TEXT, title, Field.Store.NO));
        }
        if (chunk.getHeading() != null) {
            document.add(new TextField(IndexFields.TEXT, chunk.getHeading(), Field.Store.NO));
        }
        document.add(new TextField(IndexFields.TEXT, chunk.getText(), Field.Store.NO));
    }

    private static void term(Document document, String field, String value) {
        document.add(new StringField(field, value, Field.Store.NO));
    }

    /** The chunk without its embedding. */
    Chunk passage(LeafReader reader, int doc) throws IOException {
        return passage(reader.storedFields(), doc);
    }

    /** The same, by what reads the stored fields of that segment. */
    Chunk passage(StoredFields fields, int doc) throws IOException {
        BytesRef value = fields.document(doc, STORED).getBinaryValue(IndexFields.VALUE);
        return codec.decode(BytesRef.deepCopyOf(value).bytes);
    }

    /** The whole chunk in the Confluent wire format. */
    byte[] value(LeafReader reader, int doc) throws IOException {
        Chunk passage = passage(reader, doc);
        String prefix = IndexFields.vectorsOf(passage.getModel());
        for (FieldInfo field : reader.getFieldInfos()) {
            if (field.name.startsWith(prefix)) {
                float[] vector = vector(reader, field.name, doc);
                if (vector.length > 0) {
                    return encode(withEmbedding(passage, Vectors.encode(vector)));
                }
            }
        }
        throw new IOException("Document " + doc + " has no vector of model " + passage.getModel());
    }

    /** A document's vector; empty when it has none in this field. */
    static float[] vector(LeafReader reader, String field, int doc) throws IOException {
        FloatVectorValues vectors = reader.getFloatVectorValues(field);
        if (vectors == null) {
            return new float[0];
        }
        KnnVectorValues.DocIndexIterator documents = vectors.iterator();
        return documents.advance(doc) == doc
                ? vectors.vectorValue(documents.index()).clone()
                : new float[0];
    }

    private static Chunk withEmbedding(Chunk chunk, ByteBuffer embedding) {
        return Chunk.newBuilder(chunk).setEmbedding(embedding).build();
    }
}
