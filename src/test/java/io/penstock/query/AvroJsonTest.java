package io.penstock.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import io.penstock.schema.Chunk;
import io.penstock.schema.RawRecord;
import io.penstock.schema.Run;
import io.penstock.schema.RunFailure;
import io.penstock.schema.RunState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AvroJsonTest {
    private static final Instant AT = Instant.parse("2026-05-01T10:00:00.123Z");

    private final AvroJson json = new AvroJson(false);

    @Test
    void shouldWriteFieldsByTheirNamesTimesInIsoAndEnumsAsText() {
        ObjectNode node = json.object(CatalogEntry.newBuilder()
                .setKind(CatalogKind.SEGMENT)
                .setTopic("economy")
                .setSegment("statements")
                .setState(CatalogState.ACTIVE)
                .setIncarnation("life")
                .setCreatedAt(AT)
                .build());

        assertThat(node.get("kind").textValue()).isEqualTo("SEGMENT");
        assertThat(node.get("created_at").textValue()).isEqualTo("2026-05-01T10:00:00.123Z");
        assertThat(node.get("segment").textValue()).isEqualTo("statements");
        assertThat(node.get("fence_id").isNull()).isTrue();
        assertThat(node.has("file_hash")).isTrue();
    }

    @Test
    void shouldWriteNestedRecordsListsMapsAndNumbers() {
        ObjectNode node = json.object(Run.newBuilder()
                .setRunId("run")
                .setSegments(List.of("a", "b"))
                .setState(RunState.DONE)
                .setStartedAt(AT)
                .setLastEventAt(AT)
                .setFannedOut(true)
                .setMatched(Map.of("a", 3))
                .setItems(7)
                .setFailures(List.of(new RunFailure("capture.timeout", 2, "sample", List.of())))
                .build());

        assertThat(node.get("segments").toString()).isEqualTo("[\"a\",\"b\"]");
        assertThat(node.get("matched").toString()).isEqualTo("{\"a\":3}");
        assertThat(node.get("items").isInt()).isTrue();
        assertThat(node.get("fanned_out").booleanValue()).isTrue();
        assertThat(node.get("failures").get(0).get("count").intValue()).isEqualTo(2);
    }

    @Test
    void shouldLeaveVectorsOutUnlessAskedForThem() {
        ByteBuffer embedding = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        embedding.putFloat(0.5f).putFloat(-2f).flip();
        Chunk chunk = new Chunk();
        chunk.setEmbedding(embedding);

        assertThat(json.object(chunk).has("embedding")).isFalse();
        AvroJson withVectors = new AvroJson(true);
        assertThat(withVectors.object(chunk).get("embedding").toString()).isEqualTo("[0.5,-2.0]");
        assertThat(withVectors.object(chunk).get("embedding").toString())
                .as("the buffer is not used up")
                .isEqualTo("[0.5,-2.0]");
    }

    @Test
    void shouldWriteBytesAsTextWhenTheyAreTextAndInBase64Otherwise() {
        byte[] binary = {(byte) 0xff, 0, 1};

        assertThat(content("Grüße".getBytes(UTF_8)).textValue()).isEqualTo("Grüße");
        assertThat(content(binary).textValue()).isEqualTo(Base64.getEncoder().encodeToString(binary));
    }

    private JsonNode content(byte[] bytes) {
        RawRecord record =
                RawRecord.newBuilder().setContent(ByteBuffer.wrap(bytes)).build();
        return json.object(record).get("content");
    }

    @Test
    void shouldWritePlainValues() {
        assertThat(json.value(null).isNull()).isTrue();
        assertThat(json.value(List.of()).toString()).isEqualTo("[]");
        assertThat(json.value(Arrays.asList(1L, 1.5, 2.5f, null)).toString()).isEqualTo("[1,1.5,2.5,null]");
        assertThat(json.value(Map.of("at", AT)).toString()).isEqualTo("{\"at\":\"2026-05-01T10:00:00.123Z\"}");
    }
}
