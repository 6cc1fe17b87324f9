package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Headers of a record on {@code chat.request}: where the reply is to go. Values are UTF-8 text. */
public final class ChatHeaders {
    public static final String REPLY_TOPIC = "penstock-reply-topic";
    public static final String REPLY_PARTITION = "penstock-reply-partition";
    public static final String CORRELATION_ID = "penstock-correlation-id";

    private ChatHeaders() {}

    static Optional<String> text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    /** Key of the reply: {@code correlation id/partition}; a partitioner sees keys, not headers. */
    static String replyKey(String correlationId, int partition) {
        return correlationId + "/" + partition;
    }

    static int partitionOf(String replyKey) {
        return Integer.parseInt(replyKey.substring(replyKey.lastIndexOf('/') + 1));
    }
}
