package io.penstock.registry;

/**
 * One version of a subject.
 *
 * @param deleted whether it is soft-deleted: found by id, but no longer under its subject
 */
record SchemaVersion(String subject, int version, int id, SchemaContent content, boolean deleted) {
    SchemaVersion withDeleted(boolean newDeleted) {
        return new SchemaVersion(subject, version, id, content, newDeleted);
    }

    String schema() {
        return content.text();
    }

    boolean refersTo(SchemaVersion other) {
        return content.references().stream()
                .anyMatch(
                        reference -> reference.subject().equals(other.subject) && reference.version() == other.version);
    }
}
