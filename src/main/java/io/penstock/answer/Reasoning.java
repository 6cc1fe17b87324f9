package io.penstock.answer;

import java.util.Arrays;
import java.util.Optional;

/** How a language model is told to come to its answer. The extractive answerer does not reason. */
public enum Reasoning {
    /** It answers at once. */
    DIRECT("direct"),
    /** It works the answer out first: for questions that one passage alone does not answer. */
    STEP_BY_STEP("step-by-step");

    private final String text;

    Reasoning(String text) {
        this.text = text;
    }

    /** As it is written in requests. */
    public String text() {
        return text;
    }

    /** What is written so. */
    public static Optional<Reasoning> named(String text) {
        return Arrays.stream(values())
                .filter(candidate -> candidate.text.equals(text))
                .findFirst();
    }
}
