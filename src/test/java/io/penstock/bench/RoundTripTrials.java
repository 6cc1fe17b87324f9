package io.penstock.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks a contender one question after another, or many at once. Each reply must be the question. The first question of each who asks
 * does not count: it may open a connection.
 */
final class RoundTripTrials implements AutoCloseable {
    static final int AT_ONCE = 64;

    private final ExecutorService askers = Executors.newFixedThreadPool(AT_ONCE);
    private int trials;

    /**
     * What one trial found.
     *
     * @param times of the requests, in milliseconds
     */
    record Trial(Samples times, double perSecond) {}

    /** One after another, on this thread. */
    Trial sequential(RoundTrip contender, int count) throws Exception {
        String trial = "q" + trials++ + "-";
        double[] times = new double[count];
        ask(contender, trial + "first");
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            times[i] = ask(contender, trial + i);
        }
        return new Trial(new Samples(times), count * 1e9 / (System.nanoTime() - begin));
    }

    /** So many at once that there are always {@link #AT_ONCE}. */
    Trial atOnce(RoundTrip contender, int count) throws Exception {
        String trial = "q" + trials++ + "-";
        double[] times = new double[count];
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        CyclicBarrier start = new CyclicBarrier(AT_ONCE + 1);
        for (int asker = 0; asker < AT_ONCE; asker++) {
            running.add(askers.submit(() -> {
                try {
                    ask(contender, trial + "first");
                } finally {
                    start.await(); // others wait for it, even if it fails
                }
                for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    times[i] = ask(contender, trial + i);
                }
                return null;
            }));
        }
        start.await();
        long begin = System.nanoTime();
        for (Future<?> one : running) {
            one.get();
        }
        return new Trial(new Samples(times), count * 1e9 / (System.nanoTime() - begin));
    }

    private static double ask(RoundTrip contender, String question) throws Exception {
        long begin = System.nanoTime();
        String reply = contender.ask(question);
        double taken = (System.nanoTime() - begin) / 1e6;
        if (!reply.equals(question)) {
            throw new IllegalStateException(contender.name() + " answered '" + reply + "' to '" + question + "'");
        }
        return taken;
    }

    @Override
    public void close() {
        askers.shutdownNow();
    }
}
