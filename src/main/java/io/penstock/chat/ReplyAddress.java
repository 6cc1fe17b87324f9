package io.penstock.chat;

import io.penstock.kafka.Topics;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Headers;

/**
 * Where the headers of a request say that its reply is to go.
 *
 * @param topic {@code chat.reply}, or one of others that is named {@code chat.reply.<anything>} and may not exist
 */
record ReplyAddress(String topic, int partition, String correlationId) {
    /** What Kafka allows as a name has at most 249 characters. */
    private static final Pattern OTHERS = Pattern.compile("chat\\.reply\\.[a-zA-Z0-9._-]{1,238}");

    /** The address in the headers of a request that was {@linkplain #fault let in}. */
    static ReplyAddress of(Headers headers) {
        return new ReplyAddress(
                topic(headers),
                Integer.parseInt(
                        ChatHeaders.text(headers, ChatHeaders.REPLY_PARTITION).orElseThrow()),
                ChatHeaders.text(headers, ChatHeaders.CORRELATION_ID).orElseThrow());
    }

    /** What is wrong with the headers, if anything is. Whether a topic of others exists cannot be seen here. */
    static Optional<String> fault(Headers headers) {
        if (ChatHeaders.text(headers, ChatHeaders.CORRELATION_ID).orElse("").isBlank()) {
            return Optional.of("The header " + ChatHeaders.CORRELATION_ID + " is missing.");
        }
        String topic = topic(headers);
        boolean ours = topic.equals(Topics.CHAT_REPLY);
        if (!ours && !OTHERS.matcher(topic).matches()) {
            return Optional.of("The header " + ChatHeaders.REPLY_TOPIC + " names '" + topic + "'; replies go to "
                    + Topics.CHAT_REPLY + " and to existing topics named " + Topics.CHAT_REPLY
                    + ".<anything> only.");
        }
        String partition =
                ChatHeaders.text(headers, ChatHeaders.REPLY_PARTITION).orElse("");
        if (ours
                && (!partition.matches("[0-9]{1,2}") || Integer.parseInt(partition) >= ChatTopology.REPLY_PARTITIONS)) {
            return Optional.of("The header " + ChatHeaders.REPLY_PARTITION + " must be a number from 0 to "
                    + (ChatTopology.REPLY_PARTITIONS - 1) + ".");
        }
        if (!partition.matches("[0-9]{1,9}")) {
            return Optional.of("The header " + ChatHeaders.REPLY_PARTITION + " must be the number of a partition of "
                    + topic + ".");
        }
        return Optional.empty();
    }

    private static String topic(Headers headers) {
        return ChatHeaders.text(headers, ChatHeaders.REPLY_TOPIC).orElse(Topics.CHAT_REPLY);
    }

    /** Whether it is Penstock's own topic, which is always there. */
    boolean isOurs() {
        return topic.equals(Topics.CHAT_REPLY);
    }

    /** The key of the reply. */
    String key() {
        return ChatHeaders.replyKey(correlationId, partition);
    }
}
