package io.penstock.capture;

import io.penstock.schema.StoredResponse;
import java.util.List;

/**
 * What a source gave for one entry.
 *
 * @param items in the order in which they were found; none where the source says that there are none
 * @param responses what to ask for conditionally the next time
 */
public record Fetched(List<CapturedItem> items, List<StoredResponse> responses) {
    public Fetched {
        items = List.copyOf(items);
        responses = List.copyOf(responses);
    }

    /** The content of an entry that is one item. */
    static Fetched of(CapturedContent content) {
        return new Fetched(List.of(new CapturedItem(null, null, content)), List.of());
    }

    /** The content of the only item. */
    CapturedContent only() {
        if (items.size() != 1) {
            throw new IllegalStateException("There are " + items.size() + " items, not one.");
        }
        return items.getFirst().content();
    }
}
