package io.penstock.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.penstock.schema.Chunk;
import io.penstock.vector.ChunkFilter;
import io.pinecone.proto.Vector;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Chunks as Pinecone's vectors and back: the embedding, and all else as metadata. */
final class PineconeVectors {
    private static final String MODEL = "model";
    private static final String CAPTURED_AT = "captured_at";

    /** Pinecone's ids are ASCII of at most so many characters. */
    private static final int LONGEST_ID = 512;

    private static final String HASHED = "~";
    private static final String ID = "id";

    private PineconeVectors() {}

    /** The id of a chunk's vector: its own, or a hash of it where Pinecone would not take that. */
    static String id(String chunkId) {
        boolean fits = chunkId.length() <= LONGEST_ID && chunkId.chars().allMatch(c -> c > ' ' && c < 0x7F);
        return fits && !chunkId.startsWith(HASHED) ? chunkId : HASHED + hash(chunkId);
    }

    /** What ids of a namespace begin with, if they are not hashes. */
    static boolean isOurs(String namespace, String id) {
        return id.startsWith(namespace + "/") || (id.startsWith(HASHED) && id.length() == HASHED.length() + 64);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }

    static Vector vector(String chunkId, Chunk chunk) {
        Vector.Builder vector = Vector.newBuilder().setId(id(chunkId));
        FloatBuffer floats =
                chunk.getEmbedding().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        while (floats.hasRemaining()) {
            vector.addValues(floats.get());
        }
        Struct.Builder fields = Struct.newBuilder();
        put(fields, ID, chunkId);
        put(fields, "record_id", chunk.getRecordId());
        put(fields, "topic", chunk.getTopic());
        put(fields, "segment", chunk.getSegment());
        put(fields, "processor", chunk.getProcessor());
        put(fields, "item", chunk.getItem());
        put(fields, "label", chunk.getLabel());
        put(fields, "uri", chunk.getUri());
        put(fields, "title", chunk.getTitle());
        put(fields, "language", chunk.getLanguage());
        ListValue.Builder labels = ListValue.newBuilder();
        chunk.getLabels().forEach(label -> labels.addValues(Value.newBuilder().setStringValue(label)));
        fields.putFields("labels", Value.newBuilder().setListValue(labels).build());
        Instant capturedAt = chunk.getCapturedAt();
        if (capturedAt != null) {
            put(fields, CAPTURED_AT, (double) capturedAt.toEpochMilli());
        }
        put(fields, "incarnation", chunk.getIncarnation());
        put(fields, "text", chunk.getText());
        put(fields, "start", chunk.getStart());
        put(fields, "end", chunk.getEnd());
        put(fields, "ordinal", chunk.getOrdinal());
        put(fields, MODEL, chunk.getModel());
        return vector.setMetadata(fields).build();
    }

    private static void put(Struct.Builder fields, String name, @Nullable String value) {
        if (value != null) { // Pinecone knows no null
            fields.putFields(name, Value.newBuilder().setStringValue(value).build());
        }
    }

    private static void put(Struct.Builder fields, String name, double value) {
        fields.putFields(name, Value.newBuilder().setNumberValue(value).build());
    }

    /** The id of the chunk that metadata belong to. */
    static String chunkId(Struct metadata) {
        return text(metadata, ID);
    }

    /** The chunk that metadata were made of, without its embedding. */
    static Chunk chunk(Struct metadata) {
        Chunk.Builder chunk = Chunk.newBuilder()
                .setRecordId(text(metadata, "record_id"))
                .setTopic(text(metadata, "topic"))
                .setSegment(text(metadata, "segment"))
                .setProcessor(text(metadata, "processor"))
                .setItem(text(metadata, "item"))
                .setLabel(text(metadata, "label"))
                .setUri(text(metadata, "uri"))
                .setLanguage(text(metadata, "language"))
                .setLabels(field(metadata, "labels").getListValue().getValuesList().stream()
                        .map(Value::getStringValue)
                        .toList())
                .setText(text(metadata, "text"))
                .setStart((int) field(metadata, "start").getNumberValue())
                .setEnd((int) field(metadata, "end").getNumberValue())
                .setOrdinal((int) field(metadata, "ordinal").getNumberValue())
                .setEmbedding(java.nio.ByteBuffer.allocate(0))
                .setModel(text(metadata, MODEL));
        given(metadata, "title", value -> chunk.setTitle(value.getStringValue()));
        given(metadata, "incarnation", value -> chunk.setIncarnation(value.getStringValue()));
        given(metadata, CAPTURED_AT, value -> chunk.setCapturedAt(Instant.ofEpochMilli((long) value.getNumberValue())));
        return chunk.build();
    }

    private static void given(Struct metadata, String name, Consumer<Value> use) {
        Value value = metadata.getFieldsMap().get(name);
        if (value != null) {
            use.accept(value);
        }
    }

    private static String text(Struct metadata, String name) {
        return field(metadata, name).getStringValue();
    }

    private static Value field(Struct metadata, String name) {
        return Objects.requireNonNull(metadata.getFieldsMap().getOrDefault(name, Value.getDefaultInstance()));
    }

    /** What the metadata of the vectors must be that a search looks at; the topic is the namespace. */
    static Struct filter(ChunkFilter filter, String model) {
        Struct.Builder fields = Struct.newBuilder();
        equal(fields, MODEL, model);
        equal(fields, "segment", filter.segment());
        equal(fields, "processor", filter.processor());
        equal(fields, "item", filter.item());
        equal(fields, "record_id", filter.recordId());
        equal(fields, "labels", filter.label()); // of a list, one that is equal is enough
        equal(fields, "language", filter.language());
        Struct.Builder time = Struct.newBuilder();
        Instant from = filter.capturedFrom();
        if (from != null) {
            put(time, "$gte", (double) from.toEpochMilli());
        }
        Instant until = filter.capturedUntil();
        if (until != null) {
            put(time, "$lt", (double) until.toEpochMilli());
        }
        if (time.getFieldsCount() > 0) {
            fields.putFields(
                    CAPTURED_AT, Value.newBuilder().setStructValue(time).build());
        }
        return fields.build();
    }

    private static void equal(Struct.Builder filter, String name, @Nullable String value) {
        if (value != null) {
            Struct.Builder condition = Struct.newBuilder();
            put(condition, "$eq", value);
            filter.putFields(name, Value.newBuilder().setStructValue(condition).build());
        }
    }
}
