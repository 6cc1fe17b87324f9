package io.penstock.answer;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The prompts that there are, with the place holders that each has to have. */
enum PromptName {
    ANSWER_SYSTEM("answer-system"),
    ANSWER_USER("answer-user"),
    STEP_BY_STEP_SYSTEM("step-by-step-system"),
    STEP_BY_STEP_USER("step-by-step-user"),
    ANALYSIS_SYSTEM("analysis-system"),
    ANALYSIS_USER("analysis-user");

    private final String text;

    PromptName(String text) {
        this.text = text;
    }

    /** As files are called. */
    String text() {
        return text;
    }

    /** The names of what is filled in. */
    Set<String> placeHolders() {
        return switch (this) {
            case ANSWER_SYSTEM, STEP_BY_STEP_SYSTEM, ANALYSIS_SYSTEM -> Set.of();
            case ANSWER_USER, STEP_BY_STEP_USER -> Set.of("conversation", "passages", "question");
            case ANALYSIS_USER -> Set.of("instructions", "document");
        };
    }

    static Optional<PromptName> named(String text) {
        return Arrays.stream(values())
                .filter(candidate -> candidate.text.equals(text))
                .findFirst();
    }

    /** All of them, for messages. */
    static String list() {
        return Arrays.stream(values()).map(PromptName::text).collect(Collectors.joining(", "));
    }
}
