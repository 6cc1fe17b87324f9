package io.penstock.registry;

import java.util.ArrayList;
import java.util.List;

/** Deletes versions and subjects: first softly, so that their ids still mean something, then for good. */
final class Deletion {
    private final RegistryState state;
    private final SchemaLog log;

    Deletion(RegistryState state, SchemaLog log) {
        this.state = state;
        this.log = log;
    }

    /** Deletes all versions of a subject and answers them. */
    List<SchemaVersion> subject(String subject, boolean permanently) {
        return log.update(() -> {
            requireWritable(subject);
            return permanently ? forget(subject) : delete(subject);
        });
    }

    /** Deletes one version. */
    SchemaVersion version(SchemaVersion version, boolean permanently) {
        return log.update(() -> {
            requireWritable(version.subject());
            SchemaVersion current = state.version(version.subject(), version.version(), VersionFilter.ALL)
                    .orElseThrow(() -> RegistryException.noVersion(Integer.toString(version.version())));
            return new SchemaLog.Update<>(List.of(permanently ? forget(current) : delete(current)), current);
        });
    }

    private SchemaRecords.Entry delete(SchemaVersion version) {
        if (version.deleted()) {
            throw new RegistryException(
                    RegistryException.VERSION_SOFT_DELETED,
                    "Subject '" + version.subject() + "' Version " + version.version()
                            + " was soft deleted. Set permanent=true to delete permanently");
        }
        requireUnused(version);
        return SchemaRecords.version(version.withDeleted(true));
    }

    private SchemaRecords.Entry forget(SchemaVersion version) {
        if (!version.deleted()) {
            throw new RegistryException(
                    RegistryException.VERSION_NOT_SOFT_DELETED,
                    "Subject '" + version.subject() + "' Version " + version.version()
                            + " was not deleted first before being permanently deleted");
        }
        requireUnused(version);
        return SchemaRecords.versionGone(version.subject(), version.version());
    }

    private SchemaLog.Update<List<SchemaVersion>> delete(String subject) {
        List<SchemaVersion> versions = state.versions(subject, VersionFilter.LIVE);
        if (versions.isEmpty() && !state.versions(subject, VersionFilter.ALL).isEmpty()) {
            throw new RegistryException(
                    RegistryException.SUBJECT_SOFT_DELETED,
                    "Subject '" + subject + "' was soft deleted. Set permanent=true to delete permanently");
        }
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        versions.forEach(this::requireUnused);
        List<SchemaRecords.Entry> entries = new ArrayList<>();
        entries.add(SchemaRecords.subjectDeleted(subject, versions.getLast().version()));
        if (state.config(subject).isPresent()) {
            entries.add(SchemaRecords.config(subject, null));
        }
        if (state.mode(subject).isPresent()) {
            entries.add(SchemaRecords.mode(subject, null));
        }
        return new SchemaLog.Update<>(entries, versions);
    }

    private SchemaLog.Update<List<SchemaVersion>> forget(String subject) {
        List<SchemaVersion> versions = state.versions(subject, VersionFilter.ALL);
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        if (versions.stream().anyMatch(version -> !version.deleted())) {
            throw new RegistryException(
                    RegistryException.SUBJECT_NOT_SOFT_DELETED,
                    "Subject '" + subject + "' was not deleted first before being permanently deleted");
        }
        List<SchemaRecords.Entry> entries = new ArrayList<>();
        versions.forEach(version -> entries.add(forget(version)));
        entries.add(SchemaRecords.subjectDeletionGone(subject));
        return new SchemaLog.Update<>(entries, versions);
    }

    private void requireUnused(SchemaVersion version) {
        if (!state.referrers(version).isEmpty()) {
            throw new RegistryException(
                    RegistryException.REFERENCE_EXISTS,
                    "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=" + version.subject()
                            + ",version=" + version.version() + "}.");
        }
    }

    private void requireWritable(String subject) {
        if (state.modeFor(subject).isReadOnly()) {
            throw RegistryException.notPermitted("Subject " + subject + " is in read-only mode");
        }
    }
}
