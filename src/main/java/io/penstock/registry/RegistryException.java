package io.penstock.registry;

import java.util.regex.Pattern;

/** An answer of the registry that is an error in Confluent's terms: {@code {"error_code": ..., "message": ...}}. */
final class RegistryException extends RuntimeException {
    /** What parsers say of themselves rather than of the text: names of their classes, and where they read it from. */
    private static final Pattern INSIDE = Pattern.compile(
            "(?:[a-z]\\w*\\.)+[A-Z]\\w*(?:Exception|Error): |\\s*\\(for Object starting at \\[Source[^\\]]*]\\)|\\s*at \\[Source[^\\]]*]");

    static final int SUBJECT_NOT_FOUND = 40401;
    static final int VERSION_NOT_FOUND = 40402;
    static final int SCHEMA_NOT_FOUND = 40403;
    static final int SUBJECT_SOFT_DELETED = 40404;
    static final int SUBJECT_NOT_SOFT_DELETED = 40405;
    static final int VERSION_SOFT_DELETED = 40406;
    static final int VERSION_NOT_SOFT_DELETED = 40407;
    static final int CONFIG_NOT_FOUND = 40408;
    static final int MODE_NOT_FOUND = 40409;
    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int INCOMPATIBLE = 409;
    static final int UNPROCESSABLE = 422;
    static final int INVALID_SCHEMA = 42201;
    static final int INVALID_VERSION = 42202;
    static final int INVALID_LEVEL = 42203;
    static final int INVALID_MODE = 42204;
    static final int NOT_PERMITTED = 42205;
    static final int REFERENCE_EXISTS = 42206;
    static final int ID_DOES_NOT_MATCH = 42207;
    static final int INVALID_SUBJECT = 42208;

    private static final int DETAILED = 10_000;
    private static final int LONGEST_QUOTE = 500;

    private final int errorCode;

    RegistryException(int errorCode, String message) {
        super(message);
        this.errorCode = errorCode;
    }

    static RegistryException noSubject(String subject) {
        return new RegistryException(SUBJECT_NOT_FOUND, "Subject '" + shortened(subject) + "' not found.");
    }

    static RegistryException noVersion(String version) {
        return new RegistryException(VERSION_NOT_FOUND, "Version " + shortened(version) + " not found.");
    }

    static RegistryException noSchema(int id) {
        return new RegistryException(SCHEMA_NOT_FOUND, "Schema " + id + " not found");
    }

    static RegistryException invalidSchema(String message) {
        return new RegistryException(INVALID_SCHEMA, message);
    }

    static RegistryException notPermitted(String message) {
        return new RegistryException(NOT_PERMITTED, message);
    }

    /** What a caller sent, short enough to be repeated in a message. */
    static String shortened(String full) {
        String text = INSIDE.matcher(full).replaceAll("");
        return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
    }

    int errorCode() {
        return errorCode;
    }

    /** The HTTP status: the error code, or its first three digits. */
    int status() {
        return errorCode < DETAILED ? errorCode : errorCode / 100;
    }
}
