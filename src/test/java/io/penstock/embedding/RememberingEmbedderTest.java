package io.penstock.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RememberingEmbedderTest {
    private final Counting counting = new Counting();

    @Test
    void shouldEmbedOnlyWhatItDoesNotKnow() throws Exception {
        RememberingEmbedder embedder = new RememberingEmbedder(counting, 1 << 20);

        float[] reef = embedder.embed("reef");
        List<float[]> vectors = embedder.embedAll(List.of("fog", "reef", "bell", "fog"));

        assertThat(vectors).containsExactly(vector("fog"), vector("reef"), vector("bell"), vector("fog"));
        assertThat(vectors.get(1)).isSameAs(reef);
        assertThat(counting.embedded).containsExactly("reef", "fog", "bell");
        assertThat(embedder.remembered()).isEqualTo(2);
        assertThat(embedder.embedAll(List.of())).isEmpty();
    }

    @Test
    void shouldForgetWhatItHasNoRoomFor() throws Exception {
        RememberingEmbedder embedder = new RememberingEmbedder(counting, 10 * 1_000);
        List<String> texts = IntStream.range(0, 200).mapToObj(i -> "text " + i).toList();

        embedder.embedAll(texts);
        counting.embedded.clear();
        embedder.embedAll(texts);

        assertThat(counting.embedded).hasSizeGreaterThan(100);
    }

    @Test
    void shouldRememberNothingWithoutMemory() throws Exception {
        RememberingEmbedder embedder = new RememberingEmbedder(counting, 0);

        assertThat(embedder.embed("reef")).isEqualTo(vector("reef"));
        assertThat(embedder.embedAll(List.of("reef", "fog"))).containsExactly(vector("reef"), vector("fog"));

        assertThat(counting.embedded).containsExactly("reef", "reef", "fog");
        assertThat(embedder.remembered()).isZero();
    }

    @Test
    void shouldRememberNothingOfACallThatFailed() throws Exception {
        RememberingEmbedder embedder = new RememberingEmbedder(counting, 1 << 20);
        counting.fails = true;

        assertThatThrownBy(() -> embedder.embedAll(List.of("reef", "fog"))).isInstanceOf(IllegalStateException.class);
        counting.fails = false;

        assertThat(embedder.embedAll(List.of("reef"))).containsExactly(vector("reef"));
        assertThat(counting.embedded).containsExactly("reef");
    }

    @Test
    void shouldNoticeThatItsCallerWasInterruptedThoughItKnowsAll() throws Exception {
        RememberingEmbedder embedder = new RememberingEmbedder(counting, 1 << 20);
        embedder.embed("reef");
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> embedder.embed("reef")).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    private static float[] vector(String text) {
        float[] vector = new float[8];
        vector[text.length() % vector.length] = 1;
        vector[text.charAt(0) % vector.length] += 2;
        return vector;
    }

    /** Notes what it is given. */
    private static final class Counting implements Embedder {
        private final List<String> embedded = new ArrayList<>();
        private boolean fails;

        @Override
        public float[] embed(String text) {
            if (fails) {
                throw new IllegalStateException("the model is gone");
            }
            embedded.add(text);
            return vector(text);
        }

        @Override
        public int dimension() {
            return vector("any").length;
        }

        @Override
        public String fingerprint() {
            return "counting";
        }

        @Override
        public int countTokens(String text) {
            return text.length();
        }

        @Override
        public int maxTokens() {
            return 512;
        }
    }
}
