package io.penstock.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxEmbedderTest {
    private static final String RATES = "The Committee lowered its target for the federal funds rate.";

    private final OnnxEmbedder embedder = TestEmbedder.shared();

    @Test
    void shouldGiveUnitVectorsOf384Dimensions() throws Exception {
        float[] vector = embedder.embed(RATES);

        assertThat(vector).hasSize(384);
        assertThat(embedder.dimension()).isEqualTo(384);
        assertThat(Vectors.dot(vector, vector)).isCloseTo(1.0, within(1e-6));
    }

    @Test
    void shouldPlaceTextsOfLikeMeaningCloserTogether() throws Exception {
        float[] rates = embedder.embed(RATES);
        double same = Vectors.dot(rates, rates);
        double alike = Vectors.dot(rates, embedder.embed("Interest rates were cut by the central bank."));
        double unlike = Vectors.dot(rates, embedder.embed("A recipe for pancakes with blueberries."));

        assertThat(alike).isBetween(unlike + 0.3, same - 0.1);
        assertThat(unlike).isLessThan(0.2);
    }

    @Test
    void shouldGiveTheSameBitsForTheSameText() throws Exception {
        float[] first = embedder.embed(RATES);
        try (OnnxEmbedder forgetful = OnnxEmbedder.open(TestEmbedder.settings().withRememberedMib(0))) {
            for (int i = 0; i < 6; i++) {
                assertThat(forgetful.embed(RATES)).isEqualTo(first);
                assertThat(forgetful.forQueries().embed(RATES)).isEqualTo(first);
                assertThat(embedder.forQueries().embed(RATES)).isEqualTo(first);
            }
        }
    }

    @Test
    void shouldReadMoreThanTheFirst128TokensButNoMoreThan512() throws Exception {
        String tokens200 = "rate ".repeat(200);
        String tokens600 = "rate ".repeat(600);

        assertThat(embedder.embed(tokens200 + "pancakes")).isNotEqualTo(embedder.embed(tokens200 + "inflation"));
        assertThat(embedder.embed(tokens600 + "pancakes")).isEqualTo(embedder.embed(tokens600 + "inflation"));
    }

    @Test
    void shouldCountTokensWithoutCuttingOrPadding() {
        assertThat(embedder.countTokens("")).isEqualTo(2);
        assertThat(embedder.countTokens("rate")).isEqualTo(3);
        assertThat(embedder.countTokens("rate ".repeat(2_000))).isEqualTo(2_002);
        assertThat(embedder.maxTokens()).isEqualTo(512);
    }

    @Test
    void shouldEmbedAnyStringThatJavaAllows() throws Exception {
        for (String text : List.of(
                "",
                " \n\t",
                "\uD83D",
                "\uDE00\uD83D",
                "a\uD83Db",
                "\u0000",
                "👩‍👩‍👧‍👦 ﷽ \uFFFF",
                "e\u0301".repeat(3_000))) {
            assertThat(embedder.embed(text)).hasSize(384).doesNotContain(Float.NaN);
            assertThat(embedder.countTokens(text)).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void shouldGiveEachOfManyThreadsTheVectorOfItsOwnText() throws Exception {
        List<String> texts = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            texts.add("Meeting number " + i + " decided on rate " + (i * 37 % 11) + ".");
            expected.add(embedder.embed(texts.get(i)));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<float[]>> vectors = new ArrayList<>();
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                Embedder view = i % 3 == 0 ? embedder.forQueries() : embedder;
                vectors.add(threads.submit(() -> view.embed(text)));
            }
            for (int i = 0; i < texts.size(); i++) {
                assertThat(vectors.get(i).get()).isEqualTo(expected.get(i));
            }
        }
        assertThat(embedder.questionsWaiting() + embedder.documentsWaiting()).isZero();
    }

    @Test
    void shouldGiveTheVectorsOfARequestInItsOrder() throws Exception {
        List<String> texts = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            texts.add("rate ".repeat(1 + i * 7 % 12) + i);
            expected.add(embedder.embed(texts.get(i)));
        }

        for (Embedder view : List.of(embedder, embedder.forQueries())) {
            List<float[]> vectors = view.embedAll(texts);
            assertThat(vectors).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(vectors.get(i)).isEqualTo(expected.get(i));
            }
            assertThat(view.embedAll(List.of())).isEmpty();
        }
    }

    @Test
    void shouldLeaveNothingBehindOfARequestWhoseCallerWasInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> embedder.embedAll(List.of(RATES, RATES, RATES, RATES, RATES, RATES)))
                .isInstanceOf(InterruptedException.class);
        assertThat(embedder.documentsWaiting()).isZero();
    }

    @Test
    void shouldCountWhatItEmbeds() throws Exception {
        try (OnnxEmbedder own = OnnxEmbedder.open(TestEmbedder.settings().withSessions(1))) {
            assertThat(own.textsEmbedded()).isZero();
            own.embed("rate");
            own.forQueries().embed("rate rate");

            assertThat(own.textsEmbedded()).isEqualTo(2);
            assertThat(own.tokensEmbedded()).isEqualTo(3 + 4);
        }
    }

    @Test
    void shouldGiveUpWaitingWhenTheCallerIsInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> embedder.embed(RATES)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void shouldRefuseTextsOnceItIsClosed() {
        OnnxEmbedder own = OnnxEmbedder.open(TestEmbedder.settings().withSessions(1));
        own.close();
        own.close();

        assertThatThrownBy(() -> own.embed(RATES))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void shouldTellModelsApartByFingerprint() {
        try (OnnxEmbedder same = OnnxEmbedder.open(TestEmbedder.settings().withSessions(1));
                OnnxEmbedder shorter = OnnxEmbedder.open(
                        TestEmbedder.settings().withSessions(1).withMaxTokens(128))) {
            assertThat(same.fingerprint()).isEqualTo(embedder.fingerprint()).matches("[0-9a-f]{16}");
            assertThat(shorter.fingerprint()).isNotEqualTo(embedder.fingerprint());
        }
    }

    @Test
    void shouldTakeAModelFromPaths(@TempDir Path folder) throws Exception {
        Path model = copy("/all-minilm-l6-v2-q.onnx", folder.resolve("model.onnx"));
        Path tokenizer = copy("/all-minilm-l6-v2-q-tokenizer.json", folder.resolve("tokenizer.json"));

        try (OnnxEmbedder own =
                OnnxEmbedder.open(TestEmbedder.settings().withSessions(1).withModel(model, tokenizer))) {
            assertThat(own.fingerprint()).isEqualTo(embedder.fingerprint());
            assertThat(own.embed(RATES)).isEqualTo(embedder.embed(RATES));
        }
    }

    @Test
    void shouldNameTheFileWhenAModelIsMissing(@TempDir Path folder) {
        Path model = folder.resolve("model.onnx");

        assertFailure(model, folder.resolve("tokenizer.json"), ErrorCode.MODEL_MISSING, model.toString());
    }

    @Test
    void shouldNameTheFileWhenATokenizerIsMissing(@TempDir Path folder) throws Exception {
        Path model = copy("/all-minilm-l6-v2-q.onnx", folder.resolve("model.onnx"));
        Path tokenizer = folder.resolve("tokenizer.json");

        assertFailure(model, tokenizer, ErrorCode.MODEL_MISSING, tokenizer.toString());
    }

    @Test
    void shouldNameTheFileWhenAModelIsNoModel(@TempDir Path folder) throws Exception {
        Path model = Files.writeString(folder.resolve("model.onnx"), "This is a text.");
        Path tokenizer = copy("/all-minilm-l6-v2-q-tokenizer.json", folder.resolve("tokenizer.json"));

        assertFailure(model, tokenizer, ErrorCode.MODEL_INVALID, model.toString());
    }

    @Test
    void shouldNameTheFileAndWhatItIsWhenAModelIsOfTheWrongShape(@TempDir Path folder) throws Exception {
        Path model = Files.write(folder.resolve("model.onnx"), TinyOnnx.identity("pixels", "picture"));
        Path tokenizer = copy("/all-minilm-l6-v2-q-tokenizer.json", folder.resolve("tokenizer.json"));

        assertFailure(model, tokenizer, ErrorCode.MODEL_INVALID, model.toString(), "pixels", "input_ids");
    }

    @Test
    void shouldNameTheFileWhenATokenizerIsNoTokenizer(@TempDir Path folder) throws Exception {
        Path model = copy("/all-minilm-l6-v2-q.onnx", folder.resolve("model.onnx"));
        Path tokenizer = Files.writeString(folder.resolve("tokenizer.json"), "{\"a\": 1}");

        assertFailure(model, tokenizer, ErrorCode.MODEL_INVALID, tokenizer.toString());
    }

    @Test
    void shouldTakeAnyModelOfTheRightShape(@TempDir Path folder) throws Exception {
        try (OnnxEmbedder own = OnnxEmbedder.open(tiny(folder, TinyOnnx.sentences(2, 4, 1), "unknown", "rate"))) {
            assertThat(own.dimension()).isEqualTo(4);
            assertThat(own.embed("rate rate")).containsExactly(0.5f, 0.5f, 0.5f, 0.5f);
            assertThat(own.countTokens("rate of interest")).isEqualTo(3);
        }
    }

    @Test
    void shouldNameTheTokenizerWhenItBelongsToAnotherModel(@TempDir Path folder) throws Exception {
        byte[] model = TinyOnnx.sentences(2, 4, 1);

        assertFailure(
                tiny(folder, model, "unknown", "rate", "interest"),
                ErrorCode.MODEL_INVALID,
                folder.resolve("tokenizer.json").toString(),
                "belongs to another model",
                "token 2",
                "PENSTOCK_EMBEDDING_TOKENIZER");
    }

    @Test
    void shouldSayThatAFileIsEmpty(@TempDir Path folder) throws Exception {
        Path model = Files.createFile(folder.resolve("model.onnx"));
        Path tokenizer = Files.writeString(folder.resolve("tokenizer.json"), TinyOnnx.tokenizer("unknown"));

        assertFailure(model, tokenizer, ErrorCode.MODEL_INVALID, model.toString(), "empty");
    }

    @Test
    void shouldSayThatAFolderIsNoFile(@TempDir Path folder) throws Exception {
        Path tokenizer = Files.createDirectory(folder.resolve("tokenizer.json"));
        Path model = Files.write(folder.resolve("model.onnx"), TinyOnnx.sentences(2, 4, 1));

        assertFailure(model, tokenizer, ErrorCode.MODEL_MISSING, tokenizer.toString(), "is not a file");
    }

    @Test
    void shouldRefuseAModelThatGivesNoTokenVectors(@TempDir Path folder) throws Exception {
        assertFailure(
                tiny(folder, TinyOnnx.pooled(), "unknown"),
                ErrorCode.MODEL_INVALID,
                "sentence_embedding",
                "[batch, tokens, dimension]");
    }

    @Test
    void shouldRefuseVectorsThatTheIndexCannotKeep(@TempDir Path folder) throws Exception {
        assertFailure(tiny(folder, TinyOnnx.sentences(1, 1025, 1), "unknown"), ErrorCode.MODEL_INVALID, "1025", "1024");
    }

    @Test
    void shouldRefuseVectorsThatAreNoNumbers(@TempDir Path folder) throws Exception {
        assertFailure(
                tiny(folder, TinyOnnx.sentences(1, 4, Float.NaN), "unknown"), ErrorCode.MODEL_INVALID, "no numbers");
    }

    @Test
    void shouldSayWhenTheModelCannotTakeTextsAsLongAsIsSet() {
        assertFailure(
                TestEmbedder.settings().withSessions(1).withMaxTokens(600),
                ErrorCode.MODEL_INVALID,
                "600 tokens",
                "PENSTOCK_EMBEDDING_MAX_TOKENS");
    }

    @Test
    void shouldFindTheLargestTokenOfEachKindOfVocabulary() {
        assertThat(largestId("{\"model\":{\"vocab\":{\"a\":0,\"c\":7,\"b\":1}}}"))
                .isEqualTo(7);
        assertThat(largestId("{\"model\":{\"vocab\":[[\"a\",0],[\"b\",-1.5]]}}"))
                .isEqualTo(1);
        assertThat(largestId("{\"added_tokens\":[{\"id\":9}],\"model\":{\"vocab\":{\"a\":0}}}"))
                .isEqualTo(9);
        assertThat(largestId("{}")).isEqualTo(-1);
        assertThat(largestId("no JSON")).isEqualTo(-1);
    }

    private static long largestId(String tokenizer) {
        return TokenizerFile.largestId(tokenizer.getBytes(UTF_8));
    }

    /** @param words the vocabulary, which begins with the one that stands for all others */
    private static EmbeddingSettings tiny(Path folder, byte[] model, String... words) throws Exception {
        return TestEmbedder.settings()
                .withSessions(1)
                .withModel(
                        Files.write(folder.resolve("model.onnx"), model),
                        Files.writeString(folder.resolve("tokenizer.json"), TinyOnnx.tokenizer(words)));
    }

    private static void assertFailure(Path model, Path tokenizer, ErrorCode code, String... parts) {
        assertFailure(TestEmbedder.settings().withSessions(1).withModel(model, tokenizer), code, parts);
    }

    private static void assertFailure(EmbeddingSettings settings, ErrorCode code, String... parts) {
        assertThatThrownBy(() -> OnnxEmbedder.open(settings))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContainingAll(parts);
    }

    private static Path copy(String resource, Path target) throws Exception {
        try (var in = OnnxEmbedderTest.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            Files.copy(in, target);
        }
        return target;
    }
}
