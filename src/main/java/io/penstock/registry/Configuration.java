package io.penstock.registry;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes configurations and modes, of one subject or of all that have none of their own (null). */
final class Configuration {
    private final RegistryState state;
    private final SchemaLog log;

    Configuration(RegistryState state, SchemaLog log) {
        this.state = state;
        this.log = log;
    }

    /** Changes what is given; what is null stays as it was. */
    void set(@Nullable String subject, @Nullable CompatibilityLevel level, @Nullable Boolean normalize) {
        requireValid(subject);
        log.update(() -> {
            requireWritable(subject);
            SubjectConfig before = subject == null
                    ? state.globalConfig()
                    : state.config(subject).orElseGet(SubjectConfig::empty);
            return new SchemaLog.Update<>(List.of(SchemaRecords.config(subject, before.with(level, normalize))), true);
        });
    }

    void remove(@Nullable String subject) {
        log.update(() -> {
            requireWritable(subject);
            return new SchemaLog.Update<>(List.of(SchemaRecords.config(subject, null)), true);
        });
    }

    /**
     * Sets a mode.
     *
     * @param force whether IMPORT may be set although there are schemas
     */
    void setMode(@Nullable String subject, RegistryMode mode, boolean force) {
        requireValid(subject);
        log.update(() -> {
            List<SchemaRecords.Entry> entries = new ArrayList<>();
            if (mode == RegistryMode.IMPORT && state.modeFor(subject) != RegistryMode.IMPORT && !force) {
                requireEmpty(subject);
                // Ids of what was deleted may come back as other schemas.
                entries.add(SchemaRecords.subjectCleared(subject));
            }
            entries.add(SchemaRecords.mode(subject, mode));
            return new SchemaLog.Update<>(entries, true);
        });
    }

    void removeMode(@Nullable String subject) {
        log.update(() -> new SchemaLog.Update<>(List.of(SchemaRecords.mode(subject, null)), true));
    }

    private void requireEmpty(@Nullable String subject) {
        List<SchemaVersion> live =
                subject == null ? state.all(VersionFilter.LIVE) : state.versions(subject, VersionFilter.LIVE);
        if (!live.isEmpty()) {
            throw RegistryException.notPermitted("Cannot import since found existing subjects");
        }
    }

    private static void requireValid(@Nullable String subject) {
        if (subject != null) {
            SubjectNames.requireValid(subject);
        }
    }

    private void requireWritable(@Nullable String subject) {
        if (state.modeFor(subject).isReadOnly()) {
            throw RegistryException.notPermitted(
                    subject == null
                            ? "The registry is in read-only mode"
                            : "Subject " + subject + " is in read-only mode");
        }
    }
}
