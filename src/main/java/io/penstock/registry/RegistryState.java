package io.penstock.registry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that {@code _schemas} says, folded in its order: subjects, versions, ids, configurations and modes.
 *
 * <p>Threading: every method holds this object's lock; one thread applies changes, any thread asks.
 */
final class RegistryState {
    private static final SubjectConfig DEFAULT_CONFIG = SubjectConfig.empty().with(CompatibilityLevel.BACKWARD, null);

    private final NavigableMap<String, NavigableMap<Integer, SchemaVersion>> subjects = new TreeMap<>();
    private final Map<Integer, SchemaContent> schemas = new HashMap<>();
    private final Map<SchemaContent, Integer> ids = new HashMap<>();
    private final Map<String, SubjectConfig> configs = new HashMap<>();
    private final Map<String, RegistryMode> modes = new HashMap<>();
    private SubjectConfig globalConfig = DEFAULT_CONFIG;
    private RegistryMode globalMode = RegistryMode.READWRITE;
    private int highestId;

    synchronized void apply(SchemaChange change) {
        switch (change) {
            case SchemaChange.Version(SchemaVersion version) -> {
                subjects.computeIfAbsent(version.subject(), subject -> new TreeMap<>())
                        .put(version.version(), version);
                schemas.put(version.id(), version.content());
                ids.putIfAbsent(version.content(), version.id());
                highestId = Math.max(highestId, version.id());
            }
            case SchemaChange.VersionGone(String subject, int version) -> remove(subject, version);
            case SchemaChange.Config(String subject, SubjectConfig config) -> applyConfig(subject, config);
            case SchemaChange.Mode(String subject, RegistryMode mode) -> applyMode(subject, mode);
            case SchemaChange.SubjectDeleted(String subject, int upTo) -> {
                NavigableMap<Integer, SchemaVersion> versions = subjects.get(subject);
                if (versions != null) {
                    versions.headMap(upTo, true).replaceAll((number, version) -> version.withDeleted(true));
                }
            }
            case SchemaChange.SubjectCleared(String subject) ->
                matching(subject).stream()
                        .filter(SchemaVersion::deleted)
                        .toList()
                        .forEach(version -> remove(version.subject(), version.version()));
            case SchemaChange.Nothing() -> {
                // says nothing about schemas
            }
        }
    }

    synchronized List<SchemaVersion> versions(String subject, boolean withDeleted) {
        return versions(subject, withDeleted ? VersionFilter.ALL : VersionFilter.LIVE);
    }

    synchronized List<SchemaVersion> versions(String subject, VersionFilter filter) {
        return kept(subject).stream().filter(filter::allows).toList();
    }

    synchronized Optional<SchemaVersion> version(String subject, int number, VersionFilter filter) {
        return kept(subject).stream()
                .filter(version -> version.version() == number && filter.allows(version))
                .findFirst();
    }

    synchronized Optional<SchemaVersion> latest(String subject, VersionFilter filter) {
        List<SchemaVersion> versions = versions(subject, filter);
        return versions.isEmpty() ? Optional.empty() : Optional.of(versions.getLast());
    }

    synchronized List<SchemaVersion> all(boolean withDeleted) {
        return all(withDeleted ? VersionFilter.ALL : VersionFilter.LIVE);
    }

    /** By subject, then by version. */
    synchronized List<SchemaVersion> all(VersionFilter filter) {
        return matching(null).stream().filter(filter::allows).toList();
    }

    /** The live versions that use a type of this one. */
    synchronized List<SchemaVersion> referrers(SchemaVersion version) {
        return all(VersionFilter.LIVE).stream()
                .filter(other -> other.refersTo(version))
                .toList();
    }

    synchronized Optional<SchemaContent> schema(int id) {
        return Optional.ofNullable(schemas.get(id));
    }

    synchronized int highestId() {
        return highestId;
    }

    /** The id of a schema that is known under any subject, or the next free one. */
    synchronized int idFor(SchemaContent content) {
        Integer known = ids.get(content);
        return known == null ? highestId + 1 : known;
    }

    /** One more than the highest version the subject ever had. */
    synchronized int nextVersion(String subject) {
        NavigableMap<Integer, SchemaVersion> versions = subjects.get(subject);
        return versions == null || versions.isEmpty() ? 1 : versions.lastKey() + 1;
    }

    /** What is configured for this subject itself. */
    synchronized Optional<SubjectConfig> config(String subject) {
        return Optional.ofNullable(configs.get(subject));
    }

    synchronized SubjectConfig globalConfig() {
        return globalConfig;
    }

    /** The level that holds for a subject. */
    synchronized CompatibilityLevel levelFor(String subject) {
        SubjectConfig own = configs.get(subject);
        CompatibilityLevel level = own == null ? null : own.level();
        level = level == null ? globalConfig.level() : level;
        return level == null ? CompatibilityLevel.BACKWARD : level;
    }

    /** Whether schemas are normalised before they are compared under a subject. */
    synchronized boolean normalizes(String subject) {
        SubjectConfig own = configs.get(subject);
        Boolean normalize = own == null ? null : own.normalize();
        return Boolean.TRUE.equals(normalize == null ? globalConfig.normalize() : normalize);
    }

    /** The mode of this subject itself. */
    synchronized Optional<RegistryMode> mode(String subject) {
        return Optional.ofNullable(modes.get(subject));
    }

    synchronized RegistryMode globalMode() {
        return globalMode;
    }

    /** The mode that holds for a subject. */
    synchronized RegistryMode modeFor(@Nullable String subject) {
        return subject == null || globalMode == RegistryMode.READONLY_OVERRIDE
                ? globalMode
                : modes.getOrDefault(subject, globalMode);
    }

    private Collection<SchemaVersion> kept(String subject) {
        NavigableMap<Integer, SchemaVersion> versions = subjects.get(subject);
        return versions == null ? List.of() : versions.values();
    }

    /** Everything under one subject, or under all. */
    private List<SchemaVersion> matching(@Nullable String subject) {
        List<SchemaVersion> all = new ArrayList<>();
        if (subject == null) {
            subjects.values().forEach(versions -> all.addAll(versions.values()));
        } else {
            all.addAll(kept(subject));
        }
        return all;
    }

    private void applyConfig(@Nullable String subject, @Nullable SubjectConfig config) {
        if (subject == null) {
            globalConfig = config == null ? DEFAULT_CONFIG : config;
        } else if (config == null) {
            configs.remove(subject);
        } else {
            configs.put(subject, config);
        }
    }

    private void applyMode(@Nullable String subject, @Nullable RegistryMode mode) {
        if (subject == null) {
            globalMode = mode == null ? RegistryMode.READWRITE : mode;
        } else if (mode == null) {
            modes.remove(subject);
        } else {
            modes.put(subject, mode);
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
        boolean usedElsewhere = matching(null).stream().anyMatch(version -> version.id() == gone.id());
        if (!usedElsewhere) {
            schemas.remove(gone.id());
            ids.remove(gone.content(), gone.id());
        }
    }
}
