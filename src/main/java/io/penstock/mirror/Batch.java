package io.penstock.mirror;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was read and is not acknowledged yet: of each key the newest change, since a mirror holds no history. */
final class Batch {
    private record Key(MirrorSource source, String key) {}

    private final Map<Key, Change> changes = new LinkedHashMap<>();

    void add(Change change) {
        changes.put(new Key(change.source(), change.key()), change);
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    int size() {
        return changes.size();
    }

    List<Change> changes() {
        return new ArrayList<>(changes.values());
    }

    void done(List<Change> acknowledged) {
        acknowledged.forEach(change -> changes.remove(new Key(change.source(), change.key())));
    }

    void clear() {
        changes.clear();
    }
}
