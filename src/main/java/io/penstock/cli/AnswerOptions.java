package io.penstock.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How an answer is to be made and shown. */
final class AnswerOptions {
    @Option(
            names = "--reasoning",
            paramLabel = "WAY",
            description = "direct, or step-by-step for harder questions to a language model.")
    private @Nullable String reasoning;

    @Option(names = "--no-stream", description = "Print the answer when it is whole; with --json, as one document.")
    private boolean whole;

    @Nullable
    String reasoning() {
        return reasoning;
    }

    boolean whole() {
        return whole;
    }
}
