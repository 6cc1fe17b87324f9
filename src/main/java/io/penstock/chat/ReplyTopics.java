package io.penstock.chat;

import io.penstock.stage.CallException;
import org.apache.kafka.common.header.Headers;

/**
 * The Kafka topics {@code chat.reply.*} that others make for themselves to be replied to. Any of them may be gone at any time.
 *
 * <p><b>Threading.</b> Blocks, for seconds at most; not for StreamThreads. May be used from any other thread.
 */
public interface ReplyTopics {
    /**
     * Returns when there is such a partition.
     *
     * @throws CallException {@code chat.reply-undeliverable}, for good, when there is none; {@code not-ready} when Kafka does not say
     */
    void require(String topic, int partition) throws CallException, InterruptedException;

    /**
     * Returns when the record has arrived.
     *
     * @throws CallException as {@link #require} does, and {@code chat.reply-undeliverable}, for good, when Kafka does not take it
     */
    void send(String topic, int partition, byte[] key, byte[] value, Headers headers)
            throws CallException, InterruptedException;
}
