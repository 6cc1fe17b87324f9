package io.penstock.mirror;

import io.penstock.schema.Chunk;
import io.penstock.schema.Inference;
import io.penstock.schema.LabelScore;
import io.penstock.schema.Run;
import io.penstock.schema.RunState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Records to mirror. */
final class Samples {
    static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    static final int DIMENSION = 4;

    private Samples() {}

    static Change.Upsert inference(String id, String text) {
        String[] parts = id.split("/", 4);
        return new Change.Upsert(
                MirrorSource.RECORDS,
                id,
                Inference.newBuilder()
                        .setTopic(parts[0])
                        .setSegment(parts[1])
                        .setProcessor(parts[2])
                        .setItem(parts[3])
                        .setLabel("Label of " + parts[3])
                        .setText(text)
                        .setCapturedAt(NOON)
                        .setAttributes(Map.of("content.type", "text/plain", "$price", "1"))
                        .setLabels(List.of(LabelScore.newBuilder()
                                .setName("easing")
                                .setScore(0.5)
                                .build()))
                        .build());
    }

    static Change.Upsert run(String id, RunState state) {
        return new Change.Upsert(
                MirrorSource.RUNS,
                id,
                Run.newBuilder()
                        .setRunId(id)
                        .setTopic("harbour")
                        .setState(state)
                        .setStartedAt(NOON)
                        .setLastEventAt(NOON)
                        .setIndexed(3)
                        .build());
    }

    static Change.Upsert chunk(String recordId, int n, String text, float... vector) {
        return new Change.Upsert(MirrorSource.CHUNKS, chunkId(recordId, n), chunk(recordId, text, vector));
    }

    static String chunkId(String recordId, int n) {
        return recordId + "#model#hash#" + n;
    }

    static Chunk chunk(String recordId, String text, float... vector) {
        String[] parts = recordId.split("/", 4);
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Chunk.newBuilder()
                .setRecordId(recordId)
                .setTopic(parts[0])
                .setSegment(parts[1])
                .setProcessor(parts[2])
                .setItem(parts[3])
                .setLabel("Label of " + parts[3])
                .setUri("file:" + parts[3])
                .setLanguage("en")
                .setLabels(List.of("easing", "rates"))
                .setCapturedAt(NOON)
                .setIncarnation("life")
                .setText(text)
                .setStart(3)
                .setEnd(3 + text.length())
                .setOrdinal(0)
                .setEmbedding(bytes)
                .setModel("model")
                .build();
    }
}
