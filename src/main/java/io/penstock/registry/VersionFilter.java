package io.penstock.registry;

/** Which versions are asked for. */
enum VersionFilter {
    LIVE,
    ALL,
    DELETED;

    boolean allows(SchemaVersion version) {
        return switch (this) {
            case LIVE -> !version.deleted();
            case ALL -> true;
            case DELETED -> version.deleted();
        };
    }
}
