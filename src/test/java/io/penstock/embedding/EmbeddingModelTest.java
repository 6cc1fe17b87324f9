package io.penstock.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingModelTest {
    @Test
    void shouldCallTheBundledModelByItsName() {
        assertThat(EmbeddingModel.nameOf(null)).isEqualTo("all-MiniLM-L6-v2");
    }

    @ParameterizedTest
    @CsvSource({
        "/m/bge-small-en.onnx, bge-small-en",
        "/m/bge-small-en/model.onnx, bge-small-en",
        "/m/bge-small-en/onnx/model_quantized.onnx, bge-small-en",
        "/m/bge-small-en/onnx/model-int8.onnx, bge-small-en",
        "/opt/penstock/model.onnx, opt",
        "/m/penstock.onnx, m",
        "/m/models.bin, models.bin",
        "/model.onnx, model.onnx"
    })
    void shouldCallAnotherOneByItsFileOrFolder(Path file, String name) {
        assertThat(EmbeddingModel.nameOf(file)).isEqualTo(name);
    }
}
