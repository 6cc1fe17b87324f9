package io.penstock.capture;

import io.penstock.schema.DataEntry;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One item of a capture.
 *
 * @param key what identifies it among those of its entry; null when it is the only one that the entry can have
 * @param label what people call it; null takes the entry's label
 */
public record CapturedItem(@Nullable String key, @Nullable String label, CapturedContent content) {
    /** The item of its record. */
    public String item(DataEntry entry) {
        return key == null ? entry.getValue() : ItemKeys.item(entry.getValue(), key);
    }

    /** The label of its record. */
    public String label(DataEntry entry) {
        return label == null ? entry.getLabel() : label;
    }

    /** The attributes of its record. */
    public Map<String, String> attributes(DataEntry entry) {
        Map<String, String> attributes = new TreeMap<>(content.attributes());
        if (key != null) {
            attributes.put("value", entry.getValue()); // prompts are filled with it
        }
        return attributes;
    }
}
