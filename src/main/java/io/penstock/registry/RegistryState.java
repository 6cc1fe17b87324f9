package io.penstock.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that {@code _schemas} says, folded in its order: subjects, versions, ids and compatibility levels.
 *
 * <p>Threading: every method holds this object's lock; one thread applies changes, any thread asks.
 */
final class RegistryState {
    private final NavigableMap<String, NavigableMap<Integer, SchemaVersion>> subjects = new TreeMap<>();
    private final Map<Integer, String> schemas = new HashMap<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<String, CompatibilityLevel> levels = new HashMap<>();
    private CompatibilityLevel globalLevel = CompatibilityLevel.BACKWARD;
    private int highestId;

    synchronized void apply(SchemaRecords.Change change) {
        switch (change) {
            case SchemaRecords.Change.Version(SchemaVersion version) -> {
                subjects.computeIfAbsent(version.subject(), subject -> new TreeMap<>())
                        .put(version.version(), version);
                schemas.put(version.id(), version.schema());
                ids.putIfAbsent(version.schema(), version.id());
                highestId = Math.max(highestId, version.id());
            }
            case SchemaRecords.Change.VersionGone(String subject, int version) -> remove(subject, version);
            case SchemaRecords.Change.Level(String subject, CompatibilityLevel level) -> applyLevel(subject, level);
            case SchemaRecords.Change.SubjectDeleted(String subject, int upTo) -> {
                NavigableMap<Integer, SchemaVersion> versions = subjects.get(subject);
                if (versions != null) {
                    versions.headMap(upTo, true).replaceAll((number, version) -> version.withDeleted(true));
                }
            }
            case SchemaRecords.Change.Nothing() -> {
                // says nothing about schemas
            }
        }
    }

    synchronized List<SchemaVersion> versions(String subject, boolean withDeleted) {
        return subjects.getOrDefault(subject, new TreeMap<>()).values().stream()
                .filter(version -> withDeleted || !version.deleted())
                .toList();
    }

    synchronized List<SchemaVersion> all(boolean withDeleted) {
        List<SchemaVersion> all = new ArrayList<>();
        subjects.values().forEach(versions -> all.addAll(versions.values()));
        all.removeIf(version -> !withDeleted && version.deleted());
        return all;
    }

    synchronized Optional<String> schema(int id) {
        return Optional.ofNullable(schemas.get(id));
    }

    /** The id of a schema that is known under any subject, or the next free one. */
    synchronized int idFor(String schema) {
        Integer known = ids.get(schema);
        return known == null ? highestId + 1 : known;
    }

    /** One more than the highest version the subject ever had. */
    synchronized int nextVersion(String subject) {
        NavigableMap<Integer, SchemaVersion> versions = subjects.get(subject);
        return versions == null || versions.isEmpty() ? 1 : versions.lastKey() + 1;
    }

    synchronized Optional<CompatibilityLevel> level(String subject) {
        return Optional.ofNullable(levels.get(subject));
    }

    synchronized CompatibilityLevel globalLevel() {
        return globalLevel;
    }

    private void applyLevel(@Nullable String subject, @Nullable CompatibilityLevel level) {
        if (subject == null) {
            globalLevel = level == null ? CompatibilityLevel.BACKWARD : level;
        } else if (level == null) {
            levels.remove(subject);
        } else {
            levels.put(subject, level);
        }
    }

    private void remove(String subject, int number) {
        NavigableMap<Integer, SchemaVersion> versions = subjects.get(subject);
        SchemaVersion gone = versions == null ? null : versions.remove(number);
        if (gone == null || versions == null) {
            return;
        }
        if (versions.isEmpty()) {
            subjects.remove(subject);
        }
        boolean usedElsewhere = all(true).stream().anyMatch(version -> version.id() == gone.id());
        if (!usedElsewhere) {
            schemas.remove(gone.id());
            ids.remove(gone.schema());
        }
    }
}
