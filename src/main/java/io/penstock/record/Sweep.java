package io.penstock.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * The order to delete those records of a processor that were not seen any more. It travels on {@code raw} as a record without a
 * value, whose key is a record id without an item, in a header: {@code incarnation}, a line feed, {@code milliseconds}, a line
 * feed, {@code run id}, in UTF-8.
 *
 * @param runId the run that has seen what there is
 * @param incarnation life of the segment whose records may be deleted
 * @param since what any run has seen since then stays
 */
public record Sweep(String runId, String incarnation, Instant since) {
    public static final String HEADER = "sweep";

    /** A record that bears this header is remembered as seen, changed or not. */
    public static final String SIGHTING = "sighting";

    private static final char SEPARATOR = '\n';

    public byte[] encode() {
        return (incarnation + SEPARATOR + since.toEpochMilli() + SEPARATOR + runId).getBytes(UTF_8);
    }

    /**
     * The order that a record is, if it is one.
     *
     * @throws PenstockException {@code record.invalid} when the header has another form
     */
    public static Optional<Sweep> of(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        if (header == null) {
            return Optional.empty();
        }
        String text = header.value() == null ? "" : new String(header.value(), UTF_8);
        String[] parts = text.split("\n", 3);
        if (parts.length < 3 || parts[0].isEmpty() || !parts[1].matches("[0-9]{1,18}") || parts[2].isEmpty()) {
            throw new PenstockException(
                    ErrorCode.RECORD_INVALID,
                    "The header " + HEADER
                            + " holds an incarnation, milliseconds and a run id, each on a line; this is '" + text
                            + "'.");
        }
        return Optional.of(new Sweep(parts[2], parts[0], Instant.ofEpochMilli(Long.parseLong(parts[1]))));
    }

    public static boolean isSighting(Headers headers) {
        return headers.lastHeader(SIGHTING) != null;
    }
}
