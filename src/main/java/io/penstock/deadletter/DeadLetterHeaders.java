package io.penstock.deadletter;

/** Headers of a dead letter; values are UTF-8 text. */
public final class DeadLetterHeaders {
    public static final String CODE = "penstock-error-code";
    public static final String MESSAGE = "penstock-error-message";
    public static final String STAGE = "penstock-error-stage";
    public static final String TOPIC = "penstock-error-topic";
    public static final String PARTITION = "penstock-error-partition";
    public static final String OFFSET = "penstock-error-offset";
    /** Of the original record, in milliseconds since 1970; that of the dead letter says when it was written. */
    public static final String TIMESTAMP = "penstock-error-timestamp";

    public static final String ATTEMPTS = "penstock-error-attempts";

    private DeadLetterHeaders() {}
}
