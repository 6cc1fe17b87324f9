package io.penstock.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedding.EmbeddingQueue.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EmbeddingQueueTest {
    private final EmbeddingQueue queue = new EmbeddingQueue();

    @Test
    void shouldTakeAQuestionBeforeABacklogOfDocuments() throws Exception {
        for (int i = 0; i < 500; i++) {
            queue.add(job("document " + i), false);
        }
        queue.add(job("question"), true);

        assertThat(taken(3)).containsExactly("question", "document 0", "document 1");
    }

    @Test
    void shouldKeepTheOrderInWhichEqualsCame() throws Exception {
        queue.add(job("q1"), true);
        queue.add(job("d1"), false);
        queue.add(job("q2"), true);
        queue.add(job("d2"), false);

        assertThat(taken(4)).containsExactly("q1", "q2", "d1", "d2");
    }

    @Test
    void shouldLetADocumentPassAfterManyQuestionsInARow() throws Exception {
        queue.add(job("document"), false);
        for (int i = 0; i <= EmbeddingQueue.MAX_IN_A_ROW; i++) {
            queue.add(job("question " + i), true);
        }

        List<String> order = taken(EmbeddingQueue.MAX_IN_A_ROW + 2);

        assertThat(order.indexOf("document")).isEqualTo(EmbeddingQueue.MAX_IN_A_ROW);
    }

    @Test
    void shouldForgetAJobThatNobodyWaitsFor() throws Exception {
        Job given = job("given up");
        queue.add(given, false);
        queue.add(job("wanted"), false);
        queue.remove(given);

        assertThat(taken(1)).containsExactly("wanted");
        assertThat(queue.size()).isZero();
    }

    @Test
    void shouldGiveBackWhatWaitsAndRefuseMoreWhenClosed() {
        queue.add(job("document"), false);
        queue.add(job("question"), true);

        assertThat(queue.close()).extracting(Job::text).containsExactly("question", "document");
        assertThatThrownBy(() -> queue.add(job("late"), true)).isInstanceOf(IllegalStateException.class);
    }

    private List<String> taken(int count) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(queue.take().text());
        }
        return texts;
    }

    private static Job job(String text) {
        return new Job(text, new CompletableFuture<>());
    }
}
