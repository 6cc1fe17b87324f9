package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An application whose embedding model cannot be used does not start, and says what to do. */
@Timeout(60)
class ModelIT {
    @Test
    void shouldEndItsStartWithAMessageWhenTheModelCannotBeUsed() throws Exception {
        try (PenstockProcess penstock = new PenstockProcess("model")) {
            Path model = Files.writeString(penstock.home().resolve("model.onnx"), "This is no model.");
            Path tokenizer = Files.writeString(penstock.home().resolve("tokenizer.json"), "{}");
            penstock.with("PENSTOCK_EMBEDDING_MODEL", model).with("PENSTOCK_EMBEDDING_TOKENIZER", tokenizer);

            PenstockProcess.Ended ended = penstock.startAndEnd();

            assertThat(ended.code()).isEqualTo(1);
            assertThat(ended.output())
                    .contains("penstock: The tokenizer '" + tokenizer + "' cannot be loaded")
                    .doesNotContain("\tat io.penstock");

            penstock.with("PENSTOCK_EMBEDDING_SESSIONS", "none");
            ended = penstock.startAndEnd();

            assertThat(ended.code()).isEqualTo(1);
            assertThat(ended.output())
                    .contains("penstock: PENSTOCK_EMBEDDING_SESSIONS is a whole number from 1 to 256, not 'none'.");
        }
    }
}
