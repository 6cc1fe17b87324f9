package io.penstock.answer;

import io.penstock.error.ErrorCode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What language models were asked for since the start, and what it cost in tokens, for each use. May be used from any thread.
 */
public final class ModelUsage {
    /** The codes that a call may fail with. */
    public static final List<ErrorCode> FAILURES =
            List.of(ErrorCode.LLM_UNAUTHORIZED, ErrorCode.LLM_UNREACHABLE, ErrorCode.LLM_FAILED, ErrorCode.LLM_TIMEOUT);

    private final Map<Use, Counts> counts = new EnumMap<>(Use.class);

    public ModelUsage() {
        for (Use use : Use.values()) {
            counts.put(use, new Counts());
        }
    }

    /** What a model is asked for. */
    public enum Use {
        CHAT,
        ANALYSIS
    }

    /** The counts of one use. A call that was cancelled is neither completed nor failed. */
    public static final class Counts {
        private final LongAdder calls = new LongAdder();
        private final LongAdder promptTokens = new LongAdder();
        private final LongAdder completionTokens = new LongAdder();
        private final Map<ErrorCode, LongAdder> failures = new EnumMap<>(ErrorCode.class);

        private Counts() {
            FAILURES.forEach(code -> failures.put(code, new LongAdder()));
        }

        /** Attempts, those included that failed. */
        public long calls() {
            return calls.sum();
        }

        /** Tokens that the endpoints counted in what they were sent. */
        public long promptTokens() {
            return promptTokens.sum();
        }

        /** Tokens that the endpoints counted in what they wrote. */
        public long completionTokens() {
            return completionTokens.sum();
        }

        /** Attempts that failed with this code, one of {@link #FAILURES}. */
        public long failures(ErrorCode code) {
            LongAdder failed = failures.get(code);
            return failed == null ? 0 : failed.sum();
        }

        void called() {
            calls.increment();
        }

        /** Tokens of an answer, be it of use or not. */
        void spent(int prompt, int completion) {
            promptTokens.add(prompt);
            completionTokens.add(completion);
        }

        void failed(ErrorCode code) {
            LongAdder failed = failures.get(code);
            if (failed != null) {
                failed.increment();
            }
        }
    }

    public Counts of(Use use) {
        Counts found = counts.get(use);
        if (found == null) {
            throw new IllegalArgumentException("There is no use " + use);
        }
        return found;
    }
}
