package io.penstock.registry;

import org.jspecify.annotations.Nullable;

/** What one record of {@code _schemas} says. */
sealed interface SchemaChange {
    record Version(SchemaVersion version) implements SchemaChange {}

    record VersionGone(String subject, int version) implements SchemaChange {}

    /** The subject is null for the configuration of all; the configuration is null when it is removed. */
    record Config(@Nullable String subject, @Nullable SubjectConfig config) implements SchemaChange {}

    /** The subject is null for the mode of all; the mode is null when it is removed. */
    record Mode(@Nullable String subject, @Nullable RegistryMode mode) implements SchemaChange {}

    record SubjectDeleted(String subject, int upTo) implements SchemaChange {}

    /** Soft-deleted versions of a subject, or of all (null), are forgotten. */
    record SubjectCleared(@Nullable String subject) implements SchemaChange {}

    record Nothing() implements SchemaChange {}
}
