package io.penstock.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Clients that ask two instances all the while, one question each at a time, and note what became of each. A client has an instance
 * of its own; when that refuses, it asks the other one. May be used from any thread.
 */
final class ChatSoakClients implements AutoCloseable {
    /** How long a question may take at the most; the instances give up a little earlier. */
    static final Duration DEADLINE = Duration.ofSeconds(130);
    /** Questions of one session: fewer than the turns that a conversation keeps. */
    private static final int SESSION = 10;

    private static final Duration PAUSE = Duration.ofMillis(50);

    private final List<Api> instances;
    private final int atLeast;
    private final ExecutorService threads;
    private final CountDownLatch ended;
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private final AtomicLong slowest = new AtomicLong();
    /** The replies by what was asked. */
    private final Map<String, String> replies = new ConcurrentHashMap<>();

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Api killed;
    private volatile long killedNanos;
    private volatile int last = Integer.MAX_VALUE;

    /** @param atLeast questions that are asked, and more until {@link #endAfter} */
    ChatSoakClients(List<Api> instances, int clients, int atLeast) {
        this.instances = instances;
        this.atLeast = atLeast;
        this.threads = Executors.newFixedThreadPool(clients);
        this.ended = new CountDownLatch(clients);
        for (int client = 0; client < clients; client++) {
            int number = client;
            threads.execute(() -> run(number));
        }
    }

    int begun() {
        return begun.get();
    }

    /** What is in flight at this instance when this is called may end in an error. Returns when it is killed. */
    void kill(Api instance, Runnable kill) {
        killed = instance;
        killedNanos = Long.MAX_VALUE;
        kill.run();
        killedNanos = System.nanoTime();
    }

    /** Lets the clients end when so many more questions were asked, but not before the least number was. */
    void endAfter(int more) {
        last = Math.max(atLeast, begun.get() + more);
    }

    boolean awaitEnd() throws InterruptedException {
        return ended.await(DEADLINE.toSeconds() + 30, TimeUnit.SECONDS);
    }

    private void run(int client) {
        try {
            String session = "";
            for (int own = 0; begun.getAndIncrement() < last; own++) {
                if (own % SESSION == 0) {
                    session = "soak-" + client + "-" + own / SESSION;
                }
                ask(client, session, "nonce " + client + "-" + own);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            faults.add("client " + client + " ended with " + e);
        } finally {
            ended.countDown();
        }
    }

    private void ask(int client, String session, String nonce) throws InterruptedException {
        long begin = System.nanoTime();
        String body = Api.JSON
                .createObjectNode()
                .put("message", nonce)
                .put("session_id", session)
                .toString();
        for (int turn = client; System.nanoTime() - begin < DEADLINE.toNanos(); turn++) {
            Api instance = instances.get(turn % instances.size());
            long sent = System.nanoTime();
            try {
                Answer answer = instance.post("/api/chat", body);
                if (isRefusal(answer)) {
                    refused.incrementAndGet();
                    TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
                    continue;
                }
                took(begin, nonce);
                note(nonce, instance, answer);
                return;
            } catch (UncheckedIOException e) {
                IOException cause = Objects.requireNonNull(e.getCause());
                if (!(cause instanceof ConnectException)) {
                    took(begin, nonce);
                    broken(nonce, instance, sent, cause);
                    return;
                }
                refused.incrementAndGet();
            }
        }
        late.incrementAndGet();
        faults.add(nonce + " was refused all the while");
    }

    private static boolean isRefusal(Answer answer) {
        return (answer.status() == 503 || answer.status() == 429)
                && answer.headers().firstValue("Retry-After").isPresent();
    }

    private void took(long begin, String nonce) {
        long nanos = System.nanoTime() - begin;
        slowest.accumulateAndGet(nanos, Math::max);
        if (nanos > DEADLINE.toNanos()) {
            late.incrementAndGet();
            faults.add(nonce + " took " + Duration.ofNanos(nanos));
        }
    }

    private void note(String nonce, Api instance, Answer answer) {
        if (answer.status() != 200) {
            errors.incrementAndGet();
            faults.add(nonce + " at " + instance.url() + ": " + answer.status() + " " + answer.body());
            return;
        }
        answered.incrementAndGet();
        replies.put(nonce, answer.body().path("reply").asText());
    }

    private void broken(String nonce, Api instance, long sent, IOException cause) {
        errors.incrementAndGet();
        if (instance != killed || sent > killedNanos) {
            faults.add(nonce + " at " + instance.url() + ", which was not killed then: " + cause);
        }
    }

    /** All that should not have happened. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** Questions that were answered with something else than themselves. */
    List<String> wrong() {
        List<String> wrong = new ArrayList<>();
        replies.forEach((nonce, reply) -> {
            if (!reply.equals(nonce)) {
                wrong.add("'" + reply + "' for '" + nonce + "'");
            }
        });
        return wrong;
    }

    /** The questions that were answered. */
    List<String> nonces() {
        return List.copyOf(replies.keySet());
    }

    /**
     * What came of the questions.
     *
     * @param refused how often a client was told to ask again, or elsewhere; none of these is an end
     */
    record Counts(int requests, int answered, int errors, int late, int refused, Duration slowest) {}

    Counts counts() {
        return new Counts(
                answered.get() + errors.get(),
                answered.get(),
                errors.get(),
                late.get(),
                refused.get(),
                Duration.ofNanos(slowest.get()));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
