package io.penstock.error;

import java.util.Arrays;
import java.util.Optional;

/**
 * Every error that a caller, an operator or a dead letter may show. The code is stable: it reaches HTTP problems, dead letter
 * headers, runs, logs and metrics alike.
 */
public enum ErrorCode {
    TOPIC_UNKNOWN("topic.unknown", 404),
    SEGMENT_UNKNOWN("segment.unknown", 404),
    RUN_UNKNOWN("run.unknown", 404),
    KEY_UNKNOWN("key.unknown", 404),
    STORE_UNKNOWN("store.unknown", 404),
    PROCESSOR_UNKNOWN("processor.unknown", 404),
    PATH_UNKNOWN("path.unknown", 404),
    SCHEDULE_UNKNOWN("schedule.unknown", 404),
    DEAD_LETTER_UNKNOWN("dead-letter.unknown", 404),
    TOPOLOGY_UNKNOWN("topology.unknown", 404),
    MODEL_UNKNOWN("model.unknown", 404),
    METHOD_NOT_ALLOWED("method.not-allowed", 405),
    MEDIA_TYPE_NOT_ACCEPTABLE("media-type.not-acceptable", 406),
    MEDIA_TYPE_UNSUPPORTED("media-type.unsupported", 415),
    REQUEST_MALFORMED("request.malformed", 400),
    REQUEST_TIMEOUT("request.timeout", 408),
    URL_TOO_LONG("url.too-long", 414),
    HEADERS_TOO_LARGE("headers.too-large", 431),
    NAME_INVALID("name.invalid", 422),
    PARAMETER_INVALID("parameter.invalid", 422),
    BODY_MALFORMED("body.malformed", 400),
    BODY_TOO_LARGE("body.too-large", 413),
    KEY_MISSING("key.missing", 401),
    KEY_WRONG("key.wrong", 401),
    TOPIC_DELETING("topic.deleting", 409),
    TOPIC_LIMIT("topic.limit", 409),
    IDEMPOTENCY_CONFLICT("idempotency.conflict", 409),
    TOPIC_DELETED("topic.deleted", 410),
    RUN_NOT_ENDED("run.not-ended", 409),
    RUN_NOTHING_FAILED("run.nothing-failed", 409),
    REPLAY_REFUSED("replay.refused", 409),
    REPLAY_SUPERSEDED("replay.superseded", 409),
    PROCESSOR_INVALID("processor.invalid", 422),
    PROCESSOR_SOURCE_MISSING("processor.source-missing", 422),
    DATA_LIST_MISSING("processor.data-list-missing", 422),
    CONFIG_INVALID("config.invalid", 422),
    SCHEMA_INCOMPATIBLE("schema.incompatible", 409),
    SCHEMA_UNKNOWN("schema.unknown", 404),
    BUSY("busy", 429),
    NOT_READY("not-ready", 503),
    SHARD_UNAVAILABLE("shard.unavailable", 503),
    CHAT_TIMEOUT("chat.timeout", 504),
    CHAT_CANCELLED("chat.cancelled", 499),
    CHAT_REPLY_UNDELIVERABLE("chat.reply-undeliverable", 422),
    INTERNAL("internal", 500),

    RECORD_UNDECODABLE("record.undecodable", 422),
    RECORD_INVALID("record.invalid", 422),
    RECORD_TOO_LARGE("record.too-large", 413),

    CAPTURE_NOT_FOUND("capture.not-found", 404),
    CAPTURE_REFUSED("capture.refused", 403),
    CAPTURE_OUTSIDE("capture.outside-folder", 403),
    CAPTURE_STATUS("capture.http-status", 502),
    CAPTURE_UNREACHABLE("capture.unreachable", 502),
    CAPTURE_TIMEOUT("capture.timeout", 504),
    CAPTURE_UNREADABLE("capture.unreadable", 502),
    CAPTURE_CERTIFICATE("capture.certificate", 502),
    CAPTURE_HOST_DOWN("capture.host-down", 503),
    CAPTURE_HOST_BUSY("capture.host-busy", 503),
    CAPTURE_JSON_BROKEN("capture.json-broken", 502),
    CAPTURE_FEED_BROKEN("capture.feed-broken", 502),
    CAPTURE_PATH_EMPTY("capture.path-empty", 502),
    CAPTURE_KEY_MISSING("capture.key-missing", 502),
    CAPTURE_KEY_DUPLICATE("capture.key-duplicate", 502),
    CAPTURE_TOO_MANY_RECORDS("capture.too-many-records", 413),
    CAPTURE_TOO_MANY_BYTES("capture.too-many-bytes", 413),
    CAPTURE_TOO_MANY_PAGES("capture.too-many-pages", 413),
    CAPTURE_TOO_SLOW("capture.too-slow", 504),
    CAPTURE_SECRET_UNKNOWN("capture.secret-unknown", 403),

    QUALITY_EMPTY("quality.empty", 422),
    QUALITY_SHORT("quality.short", 422),
    QUALITY_UNREADABLE("quality.unreadable", 422),
    CONTENT_UNSUPPORTED("content.unsupported", 415),
    CONTENT_ENCRYPTED("content.encrypted", 422),
    CONTENT_BROKEN("content.broken", 422),
    CONTENT_BOMB("content.bomb", 413),
    CONTENT_TIMEOUT("content.timeout", 504),
    CONTENT_READER_LOST("content.reader-lost", 503),

    MODEL_MISSING("model.missing", 500),
    MODEL_INVALID("model.invalid", 500),
    LLM_UNAUTHORIZED("llm.unauthorized", 502),
    LLM_UNREACHABLE("llm.unreachable", 502),
    LLM_FAILED("llm.failed", 502),
    LLM_TIMEOUT("llm.timeout", 504),

    MIRROR_UNKNOWN("mirror.unknown", 404),
    MIRROR_UNREACHABLE("mirror.unreachable", 502),
    MIRROR_UNAUTHORIZED("mirror.unauthorized", 502),
    MIRROR_DIMENSION("mirror.dimension", 409),
    MIRROR_REFUSED("mirror.refused", 502),

    RUN_NO_PROCESSOR("run.no-processor", 422),
    RUN_STALLED("run.stalled", 504);

    private final String code;
    private final int status;

    ErrorCode(String code, int status) {
        this.code = code;
        this.status = status;
    }

    /** The stable code, such as {@code topic.unknown}. */
    public String code() {
        return code;
    }

    /** The HTTP status that fits. */
    public int status() {
        return status;
    }

    /** What has this stable code, if this version knows it. */
    public static Optional<ErrorCode> of(String code) {
        return Arrays.stream(values())
                .filter(candidate -> candidate.code.equals(code))
                .findFirst();
    }
}
