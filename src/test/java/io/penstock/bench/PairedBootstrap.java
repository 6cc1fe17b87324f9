package io.penstock.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How far two ways to answer differ, judged by the same questions: these are drawn anew, with replacement, many times. The same
 * input gives the same intervals.
 */
final class PairedBootstrap {
    private static final int DRAWS = 10_000;
    private static final long SEED = 20_260_101;

    private PairedBootstrap() {}

    /**
     * The difference of two shares, and where it lies in 95 % of all draws.
     *
     * @param difference share of the first less that of the second
     */
    record Interval(double difference, double low, double high) {
        /** Whether the first is worse, and chance does not explain it. */
        boolean isBelow() {
            return high < 0;
        }
    }

    /**
     * @param first whether each question is answered in the first way
     * @param second whether it is in the second way
     */
    static Interval compare(List<Boolean> first, List<Boolean> second) {
        int questions = first.size();
        if (questions == 0 || second.size() != questions) {
            throw new IllegalArgumentException("two ways to answer the same questions are needed");
        }
        int[] differences = new int[questions];
        for (int i = 0; i < questions; i++) {
            differences[i] = (first.get(i) ? 1 : 0) - (second.get(i) ? 1 : 0);
        }
        Random random = new Random(SEED);
        double[] drawn = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            int sum = 0;
            for (int i = 0; i < questions; i++) {
                sum += differences[random.nextInt(questions)];
            }
            drawn[draw] = (double) sum / questions;
        }
        Arrays.sort(drawn);
        double difference = Arrays.stream(differences).average().orElse(0);
        return new Interval(difference, drawn[DRAWS / 40], drawn[DRAWS - 1 - DRAWS / 40]);
    }
}
