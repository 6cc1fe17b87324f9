package io.penstock.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedding.EmbeddingQueue.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

    /** Sessions that are interrupted while they wait must not swallow the text that another one was woken for. */
    @Test
    @Timeout(60)
    void shouldGiveEachTextToOneSessionHoweverManyCallAndWait() throws Exception {
        int callers = 4;
        int texts = 2_000;
        Map<Job, Integer> taken = new ConcurrentHashMap<>();
        CountDownLatch all = new CountDownLatch(callers * texts);
        List<Thread> sessions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sessions.add(Thread.ofPlatform().start(() -> {
                while (all.getCount() > 0) {
                    try {
                        taken.merge(queue.take(), 1, Integer::sum);
                        all.countDown();
                    } catch (InterruptedException e) {
                        // it goes on waiting
                    }
                }
            }));
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(callers)) {
            for (int caller = 0; caller < callers; caller++) {
                boolean question = caller % 2 == 0;
                Thread victim = sessions.get(caller % sessions.size());
                executor.execute(() -> {
                    for (int i = 0; i < texts; i++) {
                        queue.add(job("text"), question);
                        victim.interrupt();
                    }
                });
            }
        }

        assertThat(all.await(30, TimeUnit.SECONDS)).as("every text was taken").isTrue();
        assertThat(taken)
                .hasSize(callers * texts)
                .allSatisfy((_, times) -> assertThat(times).isOne());
        for (Thread session : sessions) {
            session.interrupt();
            session.join();
        }
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
