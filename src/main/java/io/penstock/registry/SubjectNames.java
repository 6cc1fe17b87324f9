package io.penstock.registry;

/**
 * What a subject may be called. Confluent's contexts ({@code :.context:subject}) are namespaces with ids of their own; here
 * is the default one only, whose subjects may be written with and without its name ({@code :.:subject}).
 */
final class SubjectNames {
    private static final String DEFAULT_CONTEXT = ":.:";
    private static final String ALL_CONTEXTS = ":*:";
    private static final String CONTEXT = ":.";

    private SubjectNames() {}

    /** The subject without the name of the default context. */
    static String plain(String subject) {
        return subject.startsWith(DEFAULT_CONTEXT) || subject.startsWith(ALL_CONTEXTS)
                ? subject.substring(DEFAULT_CONTEXT.length())
                : subject;
    }

    static boolean isInAnotherContext(String subject) {
        return subject.startsWith(CONTEXT) && !subject.startsWith(DEFAULT_CONTEXT);
    }

    /** Refuses what no schema can be registered under. */
    static void requireValid(String subject) {
        if (isInAnotherContext(subject)) {
            throw new RegistryException(
                    RegistryException.INVALID_SUBJECT,
                    "The specified subject '" + RegistryException.shortened(subject)
                            + "' is in a context; this registry has the default context only.");
        }
        if (subject.isBlank()
                || subject.equals("__GLOBAL")
                || subject.equals("__EMPTY")
                || subject.chars().anyMatch(Character::isISOControl)) {
            throw new RegistryException(
                    RegistryException.INVALID_SUBJECT,
                    "The specified subject '" + RegistryException.shortened(subject) + "' is not valid.");
        }
    }
}
