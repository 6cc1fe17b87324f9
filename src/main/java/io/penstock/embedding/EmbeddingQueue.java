package io.penstock.embedding;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * The texts that wait for a session: questions before documents, each in the order they came. A question therefore waits for no
 * more than the text that is being embedded; but after {@value #MAX_IN_A_ROW} questions in a row a waiting document has its turn,
 * so that a busy chat does not stop ingestion.
 *
 * <p><b>Threading.</b> May be used from any thread. It is as long as there are callers, each of which waits for its text.
 */
final class EmbeddingQueue {
    static final int MAX_IN_A_ROW = 8;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Job> questions = new ArrayDeque<>();
    private final Deque<Job> documents = new ArrayDeque<>();
    private int questionsInARow;
    private boolean closed;

    /** A text, and where its vector goes. */
    record Job(String text, CompletableFuture<float[]> vector) {}

    /** @throws IllegalStateException after {@link #close()} */
    void add(Job job, boolean question) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The embedder is closed.");
            }
            (question ? questions : documents).add(job);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a job back whose caller no longer waits, if it has not been taken yet. */
    void remove(Job job) {
        lock.lock();
        try {
            questions.remove(job);
            documents.remove(job);
        } finally {
            lock.unlock();
        }
    }

    /** The next job; blocks until there is one. */
    Job take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (questions.isEmpty() && documents.isEmpty()) {
                changed.await();
            }
            boolean question = !questions.isEmpty() && (questionsInARow < MAX_IN_A_ROW || documents.isEmpty());
            questionsInARow = question ? questionsInARow + 1 : 0;
            return (question ? questions : documents).remove();
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return questions.size() + documents.size();
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more; returns what nobody will take. */
    List<Job> close() {
        lock.lock();
        try {
            closed = true;
            List<Job> rest =
                    Stream.concat(questions.stream(), documents.stream()).toList();
            questions.clear();
            documents.clear();
            return rest;
        } finally {
            lock.unlock();
        }
    }
}
