package io.penstock.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * What a record without a value bears when somebody waits for the deletion that it orders: it goes with the deletion from
 * {@code raw} to the last tombstone on {@code chunk}, and each stage that has done its part acknowledges it under this id.
 */
public final class DeletionOrder {
    public static final String HEADER = "deletion-id";

    /** On {@code raw}: only what enrichment remembers of the record is to be forgotten, for the order itself is elsewhere. */
    public static final String FORGET_ONLY = "deletion-forget-only";

    private DeletionOrder() {}

    /** The order that the record belongs to, if anybody waits for it. */
    public static Optional<String> id(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }
}
