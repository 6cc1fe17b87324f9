package io.penstock.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LocalEmbeddingsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void shouldEmbedEachTextAsDocumentsAreAndCountItsTokens() throws InterruptedException {
        OnnxEmbedder embedder = TestEmbedder.shared();
        LocalEmbeddings embeddings = new LocalEmbeddings(embedder, "mini", LONG);

        EmbeddedTexts embedded = embeddings.embed(List.of("The north quay is closed.", "A pilot is compulsory."));

        assertThat(embedded.model()).isEqualTo(new EmbeddingModel("mini", 384));
        assertThat(embedded.vectors())
                .containsExactly(embedder.embed("The north quay is closed."), embedder.embed("A pilot is compulsory."));
        assertThat(embedded.tokens())
                .isEqualTo(embedder.countTokens("The north quay is closed.")
                        + embedder.countTokens("A pilot is compulsory."));
    }

    @Test
    void shouldRefuseWhatIsEmptyTooLongOrTooMuch() {
        LocalEmbeddings embeddings = new LocalEmbeddings(new Words(), "words", LONG);

        assertRefused(embeddings, List.of(), "1 to 2048 texts, not 0");
        assertRefused(embeddings, Collections.nCopies(2_049, "a"), "not 2049");
        assertRefused(embeddings, List.of("a", ""), "Text 1 is empty");
        assertRefused(embeddings, List.of("a", "b " + "c ".repeat(200)), "Text 1 has 201 tokens, and words takes 200");
        assertRefused(embeddings, Collections.nCopies(1_501, "c ".repeat(200)), "have 300200 tokens together");
    }

    @Test
    void shouldSayThatTheModelIsBusyAndTakeItsTextsBackWhenItTakesTooLong() throws InterruptedException {
        Words stuck = new Words();
        LocalEmbeddings embeddings = new LocalEmbeddings(stuck, "words", Duration.ofMillis(50));

        assertThatThrownBy(() -> embeddings.embed(List.of(Words.STUCK)))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
        stuck.awaitInterrupted();
    }

    @Test
    void shouldTakeNoMoreCallsThanItCanHold() throws Exception {
        Words stuck = new Words();
        LocalEmbeddings embeddings = new LocalEmbeddings(stuck, "words", LONG);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < LocalEmbeddings.MAX_CALLS; i++) {
                calls.add(callers.submit(() -> embeddings.embed(List.of(Words.STUCK))));
            }
            stuck.awaitBegun(LocalEmbeddings.MAX_CALLS);

            assertThatThrownBy(() -> embeddings.embed(List.of("a")))
                    .isInstanceOfSatisfying(
                            PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
            stuck.goOn();
            for (Future<?> call : calls) {
                call.get();
            }
        }
        assertThat(embeddings.embed(List.of("a")).vectors()).hasSize(1);
    }

    @Test
    void shouldSayThatTheModelIsBeingClosed() {
        LocalEmbeddings embeddings = new LocalEmbeddings(
                new Words() {
                    @Override
                    public float[] embed(String text) {
                        throw new IllegalStateException("The embedder is closed.");
                    }
                },
                "words",
                LONG);

        assertThatThrownBy(() -> embeddings.embed(List.of("a")))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY))
                .hasCauseInstanceOf(ExecutionException.class);
    }

    private static void assertRefused(LocalEmbeddings embeddings, List<String> texts, String why) {
        assertThatThrownBy(() -> embeddings.embed(texts))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PARAMETER_INVALID))
                .hasMessageContaining(why);
    }

    /** A token for each word, 200 at most; one text waits until it is told to go on. */
    private static class Words implements Embedder {
        static final String STUCK = "stuck";

        private final CountDownLatch goOn = new CountDownLatch(1);
        private final CountDownLatch interrupted = new CountDownLatch(1);
        private final Semaphore begun = new Semaphore(0);

        @Override
        public float[] embed(String text) throws InterruptedException {
            if (text.equals(STUCK)) {
                begun.release();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                }
            }
            return new float[] {1};
        }

        void awaitBegun(int calls) throws InterruptedException {
            begun.acquire(calls);
        }

        void awaitInterrupted() throws InterruptedException {
            interrupted.await();
        }

        void goOn() {
            goOn.countDown();
        }

        @Override
        public int dimension() {
            return 1;
        }

        @Override
        public String fingerprint() {
            return "words";
        }

        @Override
        public int countTokens(String text) {
            return text.split(" ").length;
        }

        @Override
        public int maxTokens() {
            return 200;
        }
    }
}
