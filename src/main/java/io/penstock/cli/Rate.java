package io.penstock.cli;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** How fast a count has grown of late. */
final class Rate {
    private static final long WINDOW = Duration.ofSeconds(10).toNanos();

    private record Sample(long nanos, int count) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    void add(long nanos, int count) {
        samples.addLast(new Sample(nanos, count));
        while (samples.size() > 2 && nanos - samples.getFirst().nanos() > WINDOW) {
            samples.removeFirst();
        }
    }

    double perSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        double seconds = (samples.getLast().nanos() - samples.getFirst().nanos()) / 1e9;
        return seconds <= 0
                ? 0
                : (samples.getLast().count() - samples.getFirst().count()) / seconds;
    }
}
