package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedding.Vectors;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import io.penstock.schema.Inference;
import io.penstock.schema.LedgerEntry;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final Inference INFERENCE = Inference.newBuilder().build();

    @Test
    void shouldKnowTheVectorsOfItsModelOnly() {
        LedgerEntry entry = Ledger.entry(INFERENCE, "model", List.of(chunk("a"), chunk("b")), 1_000);

        assertThat(Ledger.vectors(entry, "model"))
                .containsOnlyKeys("a", "b")
                .containsEntry("a", Vectors.encode(new float[] {1, 0}));
        assertThat(Ledger.vectors(entry, "other")).isEmpty();
        assertThat(Ledger.vectors(null, "model")).isEmpty();
    }

    @Test
    void shouldStaySmallForHugeTexts() {
        LedgerEntry entry =
                Ledger.entry(INFERENCE, "model", List.of(chunk("a"), chunk("b"), chunk("c")), 2 * 2 * Float.BYTES);

        assertThat(Ledger.vectors(entry, "model")).containsOnlyKeys("a", "b");
        assertThat(Ledger.contents(entry)).containsOnlyKeys("id-a", "id-b", "id-c");
    }

    @Test
    void shouldLeaveVectorsOutWhereThereAreTooManyChunksForThem() {
        String longItem = "i".repeat(1_000);
        List<EmbeddedChunk> some = Collections.nCopies(3_000, chunk(longItem, new float[384]));
        List<EmbeddedChunk> tooMany = Collections.nCopies(4_500, chunk(longItem, new float[384]));

        LedgerEntry entry = Ledger.entryThatFits("r", INFERENCE, "model", some);

        assertThat(entry.getChunks()).hasSize(3_000);
        assertThat(Ledger.vectors(entry, "model")).isEmpty();
        assertThatThrownBy(() -> Ledger.entryThatFits("r", INFERENCE, "model", tooMany))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("r makes 4500 chunks")
                .extracting(e -> ((PenstockException) e).code())
                .isEqualTo(ErrorCode.RECORD_TOO_LARGE);
        assertThat(Ledger.vectors(Ledger.entryThatFits("r", INFERENCE, "model", List.of(chunk("a"))), "model"))
                .containsOnlyKeys("a");
    }

    private static EmbeddedChunk chunk(String textHash) {
        return chunk(textHash, new float[] {1, 0});
    }

    private static EmbeddedChunk chunk(String textHash, float[] vector) {
        Chunk chunk = Chunk.newBuilder()
                .setRecordId("r")
                .setTopic("t")
                .setSegment("s")
                .setProcessor("p")
                .setItem("i")
                .setLabel("")
                .setUri("")
                .setLanguage("en")
                .setText("x")
                .setStart(0)
                .setEnd(1)
                .setOrdinal(0)
                .setEmbedding(Vectors.encode(vector))
                .setModel("model")
                .build();
        return new EmbeddedChunk("id-" + textHash, textHash, "content", chunk);
    }
}
