package io.penstock.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Objects;

/** Repeats what is measured later until the compilers have hardly anything left to do with it. */
final class WarmUp {
    /** Of the time of one core. */
    private static final double REST = 0.05;

    private static final int LEAST_ROUNDS = 2;
    private static final int MOST_ROUNDS = 25;
    private static final CompilationMXBean COMPILERS = Objects.requireNonNull(ManagementFactory.getCompilationMXBean());

    /** For how long compilers have been at work since the start. */
    interface Compilers {
        Duration atWork() throws Exception;
    }

    /** Some of the work. */
    interface Round {
        void run() throws Exception;
    }

    private WarmUp() {}

    /** Of this process. */
    static Duration here() {
        return Duration.ofMillis(COMPILERS.getTotalCompilationTime());
    }

    /** @return rounds that it took */
    static int untilRest(Compilers compilers, Round round) throws Exception {
        for (int rounds = 1; ; rounds++) {
            long begin = System.nanoTime();
            Duration before = compilers.atWork();
            round.run();
            double cores = compilers.atWork().minus(before).toNanos() / (double) Math.max(1, System.nanoTime() - begin);
            if ((rounds >= LEAST_ROUNDS && cores < REST) || rounds == MOST_ROUNDS) {
                return rounds;
            }
        }
    }
}
