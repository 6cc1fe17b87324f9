package io.penstock.bench;

import java.util.List;

/** The numbers that a benchmark is given, and those that it prints. */
record Numbers(String benchmark, List<String> arguments) {
    /**
     * @param names of the arguments, in their order
     * @param most how many there may be
     * @throws IllegalArgumentException when there are more
     */
    static Numbers of(String benchmark, List<String> arguments, String names, int most) {
        if (arguments.size() > most) {
            throw new IllegalArgumentException("bench " + benchmark + " takes at most " + names + "; got " + arguments);
        }
        return new Numbers(benchmark, arguments);
    }

    /**
     * @param standard what it is when it is not given
     * @throws IllegalArgumentException when it is no number from 1 to {@code most}
     */
    int at(int index, int standard, int most) {
        if (index >= arguments.size()) {
            return standard;
        }
        String text = arguments.get(index);
        if (!text.matches("[1-9][0-9]{0,5}") || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException(
                    "bench " + benchmark + " takes numbers from 1 to " + most + ", not '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    /** To four places. */
    static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}
