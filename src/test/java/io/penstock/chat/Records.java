package io.penstock.chat;

import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatError;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import io.penstock.schema.Usage;
import java.time.Instant;
import java.util.List;

/** Records of replies, as they are written to {@code chat.reply}. */
final class Records {
    static final String REQUEST = "request-1";
    static final String SESSION = "session-1";

    private Records() {}

    /** A part of an execution. */
    static ChatReply part(String execution, int attempt, int seq, int start, String text) {
        return record(execution, attempt, seq)
                .setLast(false)
                .setText(text)
                .setTextStart(start)
                .build();
    }

    /** The first part of an execution, with what it may cite. */
    static ChatReply first(String execution, int attempt, String text, Citation... citations) {
        return ChatReply.newBuilder(part(execution, attempt, 0, 0, text))
                .setCitations(List.of(citations))
                .build();
    }

    static ChatReply last(String execution, int attempt, int seq, String reply, Citation... citations) {
        return record(execution, attempt, seq)
                .setAnswer(answer(reply, citations))
                .build();
    }

    static ChatReply failed(String execution, int attempt, int seq, String code) {
        return record(execution, attempt, seq)
                .setError(new ChatError(code, 504, "It took too long."))
                .build();
    }

    static ChatReply takenOver() {
        return record("", 1, 0).setLast(false).setTakenOver(true).build();
    }

    static ChatAnswer answer(String reply, Citation... citations) {
        return new ChatAnswer(reply, true, "test", List.of(citations), new Usage(1, 2, 3), false);
    }

    static Citation citation(int n) {
        return new Citation(n, "harbour", "notices", "plain", "n-" + n, "Notice", "inline:n-" + n, "words", 0, 5, 1.0);
    }

    private static ChatReply.Builder record(String execution, int attempt, int seq) {
        return ChatReply.newBuilder()
                .setRequestId(REQUEST)
                .setSessionId(SESSION)
                .setExecution(execution)
                .setAttempt(attempt)
                .setSeq(seq)
                .setAt(Instant.EPOCH);
    }
}
