package io.penstock.vector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.embedding.Vectors;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.utils.Bytes;

/** Chunks for tests. */
final class Chunks {
    static final String MODEL = "tiny";
    static final AvroSerdes SERDES = new AvroSerdes(new MemoryRegistry());
    static final AvroCodec<Chunk> CODEC = SERDES.codec(Chunk.class);

    private Chunks() {}

    static Bytes key(String id) {
        return Bytes.wrap(id.getBytes(UTF_8));
    }

    static byte[] value(Chunk chunk) {
        return CODEC.encode("chunk", chunk);
    }

    static Chunk chunk(String topic, String segment, String item, String text, float... vector) {
        return Chunk.newBuilder()
                .setRecordId(topic + "/" + segment + "/files/" + item)
                .setTopic(topic)
                .setSegment(segment)
                .setProcessor("files")
                .setItem(item)
                .setLabel("About " + item)
                .setUri("file:///" + item)
                .setLanguage("en")
                .setLabels(List.of())
                .setText(text)
                .setStart(0)
                .setEnd(text.length())
                .setOrdinal(0)
                .setEmbedding(Vectors.encode(unit(vector)))
                .setModel(MODEL)
                .build();
    }

    static Chunk chunk(String item, String text, float... vector) {
        return chunk("garden", "notes", item, text, vector);
    }

    /** The vector scaled to unit length. */
    static float[] unit(float... vector) {
        double squares = 0;
        for (float component : vector) {
            squares += (double) component * component;
        }
        float[] unit = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            unit[i] = (float) (vector[i] / Math.sqrt(squares));
        }
        return unit;
    }

    static float[] random(Random random, int dimension) {
        float[] vector = new float[dimension];
        for (int i = 0; i < dimension; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        return unit(vector);
    }
}
