package io.penstock.record;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;

/**
 * Identity of a record, written {@code topic/segment/processor/item}. The item comes last because it may contain slashes; the
 * others never do.
 */
public record RecordId(String topic, String segment, String processor, String item) {

    /** @throws PenstockException {@code record.invalid} when a part is missing */
    public static RecordId parse(String text) {
        String[] parts = text.split("/", 4);
        if (parts.length < 4 || parts[0].isEmpty() || parts[1].isEmpty() || parts[2].isEmpty() || parts[3].isEmpty()) {
            throw new PenstockException(
                    ErrorCode.RECORD_INVALID,
                    "A record id has the form topic/segment/processor/item; this is '" + text + "'.");
        }
        return new RecordId(parts[0], parts[1], parts[2], parts[3]);
    }

    /** Whether the text has the form of a record id. */
    public static boolean isOne(String text) {
        try {
            parse(text);
            return true;
        } catch (PenstockException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return topic + "/" + segment + "/" + processor + "/" + item;
    }

    /** What all record ids of a processor begin with. */
    public static String processorPrefix(String topic, String segment, String processor) {
        return segmentPrefix(topic, segment) + processor + "/";
    }

    /** Whether the text is what all record ids of a processor begin with. */
    public static boolean isProcessorPrefix(String text) {
        return text.endsWith("/") && isOne(text + "item") && text.split("/", -1).length == 4;
    }

    /** What all record ids of a segment begin with. */
    public static String segmentPrefix(String topic, String segment) {
        return topic + "/" + segment + "/";
    }

    /** What all record ids of a topic begin with. */
    public static String topicPrefix(String topic) {
        return topic + "/";
    }
}
