package io.penstock.registry;

import java.util.List;

/** Finds versions by what a path says: a number, {@code latest} or {@code -1}. */
final class VersionNumbers {
    private static final int LATEST = -1;

    private VersionNumbers() {}

    static boolean isLatest(String text) {
        return text.equals("latest") || text.equals("-1");
    }

    /** The versions of a subject that must have some. */
    static List<SchemaVersion> existing(RegistryState state, String subject, VersionFilter filter) {
        List<SchemaVersion> versions = state.versions(subject, filter);
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        return versions;
    }

    static SchemaVersion version(RegistryState state, String subject, String text, VersionFilter filter) {
        int wanted = parse(text);
        if (wanted == LATEST) {
            return existing(state, subject, filter).getLast();
        }
        existing(state, subject, VersionFilter.ALL);
        return state.version(subject, wanted, filter).orElseThrow(() -> RegistryException.noVersion(text));
    }

    private static int parse(String text) {
        if (isLatest(text)) {
            return LATEST;
        }
        try {
            int version = Integer.parseInt(text);
            if (version > 0) {
                return version;
            }
        } catch (NumberFormatException e) {
            // answered below, as a number that is none of a version
        }
        throw new RegistryException(
                RegistryException.INVALID_VERSION,
                "The specified version '" + RegistryException.shortened(text)
                        + "' is not a valid version id. Allowed values are between"
                        + " [1, 2^31-1] and the string \"latest\"");
    }
}
