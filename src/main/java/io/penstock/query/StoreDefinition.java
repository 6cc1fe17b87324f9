package io.penstock.query;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A store that can be read over HTTP.
 *
 * @param name of the store
 * @param home where it lives
 * @param perPartition whether a key means something within its partition only; then it is shown behind the names of the topology
 *     instance and the partition: {@code instance/partition/key}
 * @param key the store's key for a key in text
 * @param keyText the text of a key
 * @param value what a stored value stands for: an Avro record, or a map of plain values
 * @param format how such a value travels
 * @param views other forms in which values are shown, by their names: for lists of values that are large
 */
public record StoreDefinition(
        String name,
        StoreHome home,
        boolean perPartition,
        Function<String, Object> key,
        Function<Object, String> keyText,
        Function<Object, Object> value,
        ValueFormat format,
        Map<String, View> views) {

    /** What a stored value stands for in a list, and how that travels. */
    public record View(Function<Object, Object> value, ValueFormat format) {}

    public StoreDefinition(
            String name,
            StoreHome home,
            boolean perPartition,
            Function<String, Object> key,
            Function<Object, String> keyText,
            Function<Object, Object> value,
            ValueFormat format) {
        this(name, home, perPartition, key, keyText, value, format, Map.of());
    }

    /** With one more view. */
    public StoreDefinition withView(String view, Function<Object, Object> newValue, ValueFormat newFormat) {
        Map<String, View> more = new HashMap<>(views);
        more.put(view, new View(newValue, newFormat));
        return new StoreDefinition(name, home, perPartition, key, keyText, value, format, Map.copyOf(more));
    }

    /** With values in the form of a view; null, and a view that there is not, are the values themselves. */
    StoreDefinition in(@Nullable String view) {
        View other = view == null ? null : views.get(view);
        return other == null
                ? this
                : new StoreDefinition(name, home, perPartition, key, keyText, other.value, other.format, views);
    }
}
