package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatError;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The reader's rule: makes of the records of one reply, in the order of their partition, what a client is to be told.
 *
 * <p>A reply may be made more than once, after a crash also by two instances at the same time for a moment. One execution is
 * followed. The first part of another means that the reply is made anew; later parts of others are those of executions that ended or
 * were not seen to begin, and are passed over. The last record of any execution ends the stream: what is there then is the reply that
 * is remembered. It is told as a continuation if it is one, else anew.
 *
 * <p>Who takes the stream up later comes to the same, because the rule looks at nothing but the records. Only that an execution which
 * was not followed happens to end in the very text that was told cannot be seen then, and the text is told anew.
 *
 * <p>Knows neither Kafka nor time. Not thread-safe.
 */
final class ReplyFollower {
    /** What is told of a record. */
    sealed interface Told {
        record Citations(List<Citation> citations) implements Told {}

        record Text(String text) implements Told {}

        record Reset(int attempt) implements Told {}

        /** @param reply with an answer */
        record Done(ChatReply reply) implements Told {}

        record Failed(ChatError error) implements Told {}
    }

    /** That is followed; null before the first. */
    private @Nullable String execution;
    /** What was told of the text, as far as it is known here. */
    private final StringBuilder text = new StringBuilder();
    /** Where the known text begins in the reply: more than 0 when others told what is before. */
    private int textStart;

    private boolean ended;

    boolean hasEnded() {
        return ended;
    }

    /**
     * Goes on behind a record of which all text was told before.
     *
     * @return what is told again: the end, if the record was it
     */
    List<Told> takeUp(ChatReply record) {
        if (record.getLast()) {
            ended = true;
            return List.of(outcome(record));
        }
        execution = record.getExecution();
        textStart = record.getTextStart();
        text.append(piece(record));
        return List.of();
    }

    /** What the next record adds. */
    List<Told> read(ChatReply record) {
        if (ended || record.getTakenOver()) {
            return List.of();
        }
        return record.getLast() ? end(record) : part(record);
    }

    private List<Told> part(ChatReply record) {
        List<Told> told = new ArrayList<>();
        if (!record.getExecution().equals(execution)) {
            if (record.getSeq() != 0) {
                return List.of();
            }
            if (execution != null) {
                forget(told, record);
            }
            execution = record.getExecution();
        }
        if (record.getCitations() != null) {
            told.add(new Told.Citations(record.getCitations()));
        }
        tell(told, unknown(record));
        return told;
    }

    private List<Told> end(ChatReply record) {
        ended = true;
        ChatAnswer answer = record.getAnswer();
        List<Told> told = new ArrayList<>();
        if (answer != null) {
            String reply = answer.getReply();
            if (execution != null && continues(record, reply)) {
                tell(told, reply.substring(textStart + text.length()));
            } else {
                if (execution != null) {
                    forget(told, record);
                }
                if (!answer.getCitations().isEmpty()) {
                    told.add(new Told.Citations(answer.getCitations()));
                }
                tell(told, reply);
            }
        }
        told.add(outcome(record));
        return told;
    }

    private boolean continues(ChatReply record, String reply) {
        boolean known = textStart == 0 || record.getExecution().equals(execution);
        return known && reply.startsWith(text.toString(), textStart);
    }

    private void forget(List<Told> told, ChatReply record) {
        told.add(new Told.Reset(record.getAttempt()));
        text.setLength(0);
        textStart = 0;
    }

    private void tell(List<Told> told, String more) {
        if (!more.isEmpty()) {
            text.append(more);
            told.add(new Told.Text(more));
        }
    }

    /** The end of the piece that goes beyond what was told; nothing when something before it is missing, which the last record has. */
    private String unknown(ChatReply record) {
        String piece = piece(record);
        int told = textStart + text.length() - record.getTextStart();
        return told < 0 || told >= piece.length() ? "" : piece.substring(told);
    }

    private static String piece(ChatReply record) {
        return record.getText() == null ? "" : record.getText();
    }

    private static Told outcome(ChatReply record) {
        if (record.getAnswer() != null) {
            return new Told.Done(record);
        }
        ChatError error = record.getError();
        return new Told.Failed(
                error == null
                        ? new ChatError(
                                ErrorCode.INTERNAL.code(),
                                ErrorCode.INTERNAL.status(),
                                "The reply to " + record.getRequestId() + " has neither an answer nor an error.")
                        : error);
    }
}
