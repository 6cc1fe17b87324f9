package io.penstock.bench;

import java.util.Arrays;
import java.util.List;

/** Measurements of one kind, in the order in which they were taken. */
record Samples(double... values) {
    Samples {
        if (values.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        values = values.clone();
    }

    static Samples of(List<Double> values) {
        return new Samples(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    double first() {
        return values[0];
    }

    double max() {
        return percentile(100);
    }

    double median() {
        return percentile(50);
    }

    /** The smallest value that so many percent of all values do not exceed. */
    double percentile(int percent) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
        return sorted[Math.max(0, rank - 1)];
    }
}
