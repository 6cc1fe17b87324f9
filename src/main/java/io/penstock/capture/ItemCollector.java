package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gathers the items of one entry, which are sent in one transaction and are therefore bounded. The same record twice is one
 * record: pages shift while they are read. Two different records under one key are a fault.
 */
final class ItemCollector {
    private final int maxItems;
    private final long maxBytes;
    private final Map<String, CapturedItem> byKey = new LinkedHashMap<>();
    private long bytes;

    ItemCollector(CaptureSettings settings) {
        maxItems = settings.task().maxItems();
        maxBytes = settings.task().maxBytes();
    }

    /** @return how many of them were not known yet */
    int add(List<CapturedItem> items) throws CallException {
        int before = byKey.size();
        for (CapturedItem item : items) {
            add(item);
        }
        return byKey.size() - before;
    }

    void add(CapturedItem item) throws CallException {
        CapturedItem known = byKey.putIfAbsent(String.valueOf(item.key()), item);
        if (known != null) {
            if (!isSame(known, item)) {
                throw CallException.permanent(
                        ErrorCode.CAPTURE_KEY_DUPLICATE.code(),
                        "Two records have the key '" + item.key()
                                + "' and different content; a key identifies a record.");
            }
            return;
        }
        bytes += item.content().content().length;
        if (byKey.size() > maxItems) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_TOO_MANY_RECORDS.code(),
                    "One entry of a data list gives more than " + maxItems
                            + " records. Split it into several entries, or take fewer pages.");
        }
        if (bytes > maxBytes) {
            throw tooManyBytes(maxBytes);
        }
    }

    static CallException tooManyBytes(long maxBytes) {
        return CallException.permanent(
                ErrorCode.CAPTURE_TOO_MANY_BYTES.code(),
                "One entry of a data list gives records of more than " + maxBytes
                        + " bytes together. Split it into several entries, or take fewer pages.");
    }

    /** Where it was found may differ: a record may stand on two pages. */
    private static boolean isSame(CapturedItem one, CapturedItem other) {
        return one.content().hasSameContent(other.content());
    }

    List<CapturedItem> items() {
        return new ArrayList<>(byKey.values());
    }
}
