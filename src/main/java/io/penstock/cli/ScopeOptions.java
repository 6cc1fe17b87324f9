package io.penstock.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where to look, and for how much. */
final class ScopeOptions {
    @Option(names = "--topic", paramLabel = "TOPIC", description = "Look in this topic only.")
    private @Nullable String topic;

    @Option(names = "--segment", paramLabel = "SEGMENT", description = "Look in this segment only.")
    private @Nullable String segment;

    @Option(
            names = {"-k", "--passages"},
            paramLabel = "NUMBER",
            description = "How many passages to look for.")
    private @Nullable Integer passages;

    @Nullable
    String topic() {
        return topic;
    }

    @Nullable
    String segment() {
        return segment;
    }

    @Nullable
    Integer passages() {
        return passages;
    }

    /** From now on; null is everywhere. */
    void limitTo(@Nullable String newTopic, @Nullable String newSegment) {
        topic = newTopic;
        segment = newSegment;
    }
}
