package io.penstock.chat;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a streamed reply, from which the stream can be resumed on any instance. As text it is {@code
 * <partition>-<offset>-<attempt>-<request id>}.
 *
 * @param partition of {@code chat.reply} that the reply is written to
 * @param offset the record up to which all was passed on; for the start, where reading begins
 * @param attempt of the execution that was followed, from 1; 0 for the start, when nothing was passed on
 * @param requestId the request, which is also the correlation id of the reply's records
 */
public record EventId(int partition, long offset, int attempt, String requestId) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,4})-([0-9]{1,18})-([0-9]{1,9})-([!-~]{1,200})");

    /** What {@link #toString()} gave; empty when the text is no such id. */
    public static Optional<EventId> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new EventId(
                        Integer.parseInt(matcher.group(1)),
                        Long.parseLong(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)),
                        matcher.group(4)))
                : Optional.empty();
    }

    /** Whether nothing of the reply was passed on. */
    public boolean isStart() {
        return attempt == 0;
    }

    @Override
    public String toString() {
        return partition + "-" + offset + "-" + attempt + "-" + requestId;
    }
}
