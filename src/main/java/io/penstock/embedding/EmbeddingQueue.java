package io.penstock.embedding;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The texts that wait for a session: those of questions before those of documents. A question therefore waits for no more than
 * the text that is being embedded, and documents never occupy more than their share of the sessions.
 *
 * <p>Texts come in requests: the sentences of one question, the chunks of one document. In each of the two lines the requests
 * take turns, text by text, so that one of many texts holds up another by a single text at a time. When {@value #MAX_IN_A_ROW}
 * questions' texts have gone before a waiting document, it has its turn, so that a busy chat does not stop ingestion; a question
 * to the chat has fewer texts than that.
 *
 * <p><b>Threading.</b> May be used from any thread. The lines are as long as there are callers, each of which waits for its
 * texts.
 */
final class EmbeddingQueue {
    static final int MAX_IN_A_ROW = 32;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Request> questions = new ArrayDeque<>();
    private final Deque<Request> documents = new ArrayDeque<>();
    private final int documentSessions;
    private int documentsTaken;
    private int questionsBeforeDocument;
    private boolean closed;

    /** @param documentSessions how many texts of documents may be embedded at once */
    EmbeddingQueue(int documentSessions) {
        this.documentSessions = documentSessions;
    }

    /** A text, and where its vector goes. */
    record Job(String text, boolean question, CompletableFuture<float[]> vector) {}

    /** The texts of one caller. */
    static final class Request {
        private final boolean question;
        private final List<Job> jobs;
        private final Deque<Job> waiting;

        private Request(Collection<String> texts, boolean question) {
            this.question = question;
            this.jobs = texts.stream()
                    .map(text -> new Job(text, question, new CompletableFuture<>()))
                    .toList();
            this.waiting = new ArrayDeque<>(jobs);
        }

        static Request question(Collection<String> texts) {
            return new Request(texts, true);
        }

        static Request document(Collection<String> texts) {
            return new Request(texts, false);
        }

        /** In the order of the texts. */
        List<Job> jobs() {
            return jobs;
        }
    }

    /** @throws IllegalStateException after {@link #close()} */
    void add(Request request) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The embedder is closed.");
            }
            if (!request.waiting.isEmpty()) {
                line(request.question).add(request);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes back what has not been taken yet of a request whose caller no longer waits. */
    void remove(Request request) {
        lock.lock();
        try {
            line(request.question).remove(request);
            request.waiting.clear();
        } finally {
            lock.unlock();
        }
    }

    /** The next text; blocks until there is one. {@link #done} must follow when it is embedded. */
    Job take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                boolean documentWaits = !documents.isEmpty() && documentsTaken < documentSessions;
                if (!questions.isEmpty() && !(documentWaits && questionsBeforeDocument >= MAX_IN_A_ROW)) {
                    questionsBeforeDocument = documentWaits ? questionsBeforeDocument + 1 : 0;
                    return next(questions);
                }
                if (documentWaits) {
                    questionsBeforeDocument = 0;
                    documentsTaken++;
                    return next(documents);
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The session that took this text is free again. */
    void done(Job job) {
        if (job.question()) {
            return;
        }
        lock.lock();
        try {
            documentsTaken--;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** How many texts wait, those of questions or those of documents. */
    int waiting(boolean ofQuestions) {
        lock.lock();
        try {
            return line(ofQuestions).stream()
                    .mapToInt(request -> request.waiting.size())
                    .sum();
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more; returns what nobody will take. */
    List<Job> close() {
        lock.lock();
        try {
            closed = true;
            List<Job> rest = new ArrayList<>();
            questions.forEach(request -> rest.addAll(request.waiting));
            documents.forEach(request -> rest.addAll(request.waiting));
            questions.clear();
            documents.clear();
            return rest;
        } finally {
            lock.unlock();
        }
    }

    private static Job next(Deque<Request> line) {
        Request request = line.remove();
        Job job = request.waiting.remove();
        if (!request.waiting.isEmpty()) {
            line.add(request);
        }
        return job;
    }

    private Deque<Request> line(boolean ofQuestions) {
        return ofQuestions ? questions : documents;
    }
}
