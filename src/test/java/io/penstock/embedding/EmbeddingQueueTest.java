package io.penstock.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedding.EmbeddingQueue.Job;
import io.penstock.embedding.EmbeddingQueue.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EmbeddingQueueTest {
    private final EmbeddingQueue queue = new EmbeddingQueue(2);

    @Test
    void shouldTakeAQuestionBeforeABacklogOfDocuments() throws Exception {
        for (int i = 0; i < 500; i++) {
            queue.add(document("document " + i));
        }
        queue.add(question("question"));

        assertThat(taken(3)).containsExactly("question", "document 0", "document 1");
    }

    @Test
    void shouldLetAQuestionOfManyTextsWaitForOneTextOfADocumentAtMost() throws Exception {
        queue.add(document(texts("chunk", 40)));
        assertThat(taken(1)).containsExactly("chunk 0");
        queue.add(question(texts("sentence", 25)));

        assertThat(taken(26)).startsWith("sentence 0").endsWith("sentence 24", "chunk 1");
    }

    @Test
    void shouldKeepTheOrderInWhichEqualsCame() throws Exception {
        queue.add(question("q1"));
        queue.add(document("d1"));
        queue.add(question("q2"));
        queue.add(document("d2"));

        assertThat(taken(4)).containsExactly("q1", "q2", "d1", "d2");
    }

    @Test
    void shouldLetRequestsTakeTurnsTextByText() throws Exception {
        queue.add(question(texts("long", 60)));
        assertThat(taken(2)).containsExactly("long 0", "long 1");
        queue.add(question("a", "b"));
        queue.add(question("c"));

        assertThat(taken(6)).containsExactly("long 2", "a", "c", "long 3", "b", "long 4");
    }

    @Test
    void shouldLetAShortDocumentPassALongOne() throws Exception {
        queue.add(document(texts("long", 3_000)));
        queue.add(document("short"));

        assertThat(taken(3)).containsExactly("long 0", "short", "long 1");
    }

    @Test
    void shouldLetADocumentPassAfterManyTextsOfQuestionsInARow() throws Exception {
        queue.add(document("document"));
        queue.add(question(texts("question", 2 * EmbeddingQueue.MAX_IN_A_ROW)));

        List<String> order = taken(EmbeddingQueue.MAX_IN_A_ROW + 2);

        assertThat(order.indexOf("document")).isEqualTo(EmbeddingQueue.MAX_IN_A_ROW);
    }

    @Test
    void shouldHoldNothingAgainstQuestionsThatCameWhileNoDocumentWaited() throws Exception {
        queue.add(question(texts("early", 10 * EmbeddingQueue.MAX_IN_A_ROW)));
        taken(10 * EmbeddingQueue.MAX_IN_A_ROW);
        queue.add(document("document"));
        queue.add(question("late"));

        assertThat(taken(2)).containsExactly("late", "document");
    }

    @Test
    void shouldKeepASessionFreeOfDocuments() throws Exception {
        EmbeddingQueue halved = new EmbeddingQueue(1);
        halved.add(document("d1", "d2"));
        Job document = halved.take();
        CompletableFuture<String> other = inAnotherThread(halved);
        halved.add(question("question"));

        assertThat(other.get(5, TimeUnit.SECONDS))
                .as("the other session leaves d2 alone")
                .isEqualTo("question");
        CompletableFuture<String> next = inAnotherThread(halved);
        halved.done(document);
        assertThat(next.get(5, TimeUnit.SECONDS)).isEqualTo("d2");
    }

    @Test
    void shouldLetAQuestionGoFirstWhereDocumentsMayNotGoAtAll() throws Exception {
        EmbeddingQueue halved = new EmbeddingQueue(1);
        halved.add(document("d1", "d2"));
        Job document = halved.take();
        halved.add(question(texts("question", 2 * EmbeddingQueue.MAX_IN_A_ROW)));
        for (int i = 0; i < EmbeddingQueue.MAX_IN_A_ROW + 1; i++) {
            assertThat(halved.take().text()).startsWith("question");
        }
        halved.done(document);

        assertThat(halved.take().text()).startsWith("question");
    }

    @Test
    void shouldForgetWhatNobodyWaitsFor() throws Exception {
        Request given = document("given up", "given up too");
        queue.add(given);
        queue.add(document("wanted"));
        queue.remove(given);

        assertThat(taken(1)).containsExactly("wanted");
        assertThat(queue.waiting(false)).isZero();
    }

    @Test
    void shouldForgetTheRestOfARequestThatWasBegun() throws Exception {
        Request given = question("begun", "given up");
        queue.add(given);
        assertThat(taken(1)).containsExactly("begun");
        queue.remove(given);
        queue.add(question("wanted"));

        assertThat(queue.waiting(true)).isEqualTo(1);
        assertThat(taken(1)).containsExactly("wanted");
    }

    @Test
    void shouldTakeARequestWithoutTexts() {
        queue.add(document(List.of()));

        assertThat(queue.waiting(false)).isZero();
    }

    @Test
    void shouldGiveBackWhatWaitsAndRefuseMoreWhenClosed() {
        queue.add(document("d1", "d2"));
        queue.add(question("question"));

        assertThat(queue.close()).extracting(Job::text).containsExactly("question", "d1", "d2");
        assertThatThrownBy(() -> queue.add(question("late"))).isInstanceOf(IllegalStateException.class);
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
                        Job job = queue.take();
                        taken.merge(job, 1, Integer::sum);
                        queue.done(job);
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
                        queue.add(question ? Request.question(List.of("text")) : Request.document(List.of("text")));
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

    /** The text that a session would get that asks now; documents are done at once. */
    private List<String> taken(int count) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Job job = queue.take();
            texts.add(job.text());
            queue.done(job);
        }
        return texts;
    }

    private static CompletableFuture<String> inAnotherThread(EmbeddingQueue queue) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                text.complete(queue.take().text());
            } catch (InterruptedException e) {
                text.completeExceptionally(e);
            }
        });
        return text;
    }

    private static List<String> texts(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> name + " " + i).toList();
    }

    private static Request question(String... texts) {
        return Request.question(List.of(texts));
    }

    private static Request question(List<String> texts) {
        return Request.question(texts);
    }

    private static Request document(String... texts) {
        return Request.document(List.of(texts));
    }

    private static Request document(List<String> texts) {
        return Request.document(texts);
    }
}
