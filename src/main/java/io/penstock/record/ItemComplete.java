package io.penstock.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Says that a record on {@code chunk} is the last one that an item changed for a run. Travels as a header: {@code run id},
 * a line feed, {@code record id}, in UTF-8.
 */
public record ItemComplete(String runId, String recordId) {
    public static final String HEADER = "item-complete";
    private static final char SEPARATOR = '\n';

    public byte[] encode() {
        return (runId + SEPARATOR + recordId).getBytes(UTF_8);
    }

    /** @throws PenstockException {@code record.invalid} when the value has another form */
    public static ItemComplete decode(byte[] value) {
        String text = new String(value, UTF_8);
        int separator = text.indexOf(SEPARATOR);
        if (separator < 1 || separator == text.length() - 1) {
            throw new PenstockException(
                    ErrorCode.RECORD_INVALID,
                    "The header " + HEADER + " holds a run id, a line feed and a record id; this is '" + text + "'.");
        }
        return new ItemComplete(text.substring(0, separator), text.substring(separator + 1));
    }

    /**
     * Every item that a record completes; usually none or one.
     *
     * @throws PenstockException {@code record.invalid} when one of the headers cannot be read
     */
    public static List<ItemComplete> of(Headers headers) {
        List<ItemComplete> items = new ArrayList<>();
        for (Header header : headers.headers(HEADER)) {
            items.add(decode(header.value() == null ? new byte[0] : header.value()));
        }
        return items;
    }
}
