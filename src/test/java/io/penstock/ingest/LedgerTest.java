package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedding.Vectors;
import io.penstock.schema.Chunk;
import io.penstock.schema.Inference;
import io.penstock.schema.LedgerEntry;
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

    private static EmbeddedChunk chunk(String textHash) {
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
                .setEmbedding(Vectors.encode(new float[] {1, 0}))
                .setModel("model")
                .build();
        return new EmbeddedChunk("id-" + textHash, textHash, "content", chunk);
    }
}
