package io.penstock.kafka;

/** Names of the Kafka topics. */
public final class Topics {
    public static final String ALERT = "alert";
    public static final String ALERT_SEGMENT = "alert.segment";
    public static final String ALERT_REJECTED = "alert.rejected";
    public static final String CAPTURE_TASK = "capture.task";
    public static final String INFERENCE = "inference";
    public static final String ENRICHMENT_REJECTED = "enrichment.rejected";
    public static final String CHUNK = "chunk";
    public static final String RUN_EVENT = "run.event";
    public static final String CHAT_REQUEST = "chat.request";
    public static final String CHAT_REPLY = "chat.reply";
    public static final String CATALOG = "catalog";
    public static final String PROCESSORS = "processors";
    public static final String SCHEDULE = "schedule";
    public static final String INSTANCE = "instance";
    public static final String REPLAYED = "replayed";
    public static final String CANCELLED = "cancelled";
    public static final String FENCE_ACK = "fence.ack";
    public static final String SCHEMAS = "_schemas";

    private static final String RAW_PREFIX = "raw.";
    private static final String DEAD_LETTER_PREFIX = "dead-letter.";

    private Topics() {}

    /** The Kafka topic that holds what was captured for a Penstock topic. */
    public static String raw(String topic) {
        return RAW_PREFIX + topic;
    }

    /** The Kafka topic for what a topology could not process. */
    public static String deadLetter(String topology) {
        return DEAD_LETTER_PREFIX + topology;
    }
}
