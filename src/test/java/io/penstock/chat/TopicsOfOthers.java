package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.stage.CallException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Topics in memory, that a test makes and removes. */
final class TopicsOfOthers implements ReplyTopics {
    /** Partitions of those that are there. */
    final Map<String, Integer> there = new HashMap<>();

    final List<Written> written = new ArrayList<>();
    /** How many more records fail. */
    int failing;

    record Written(String topic, int partition, String key, byte[] value, Headers headers) {}

    @Override
    public void require(String topic, int partition) throws CallException {
        if (partition >= there.getOrDefault(topic, 0)) {
            throw CallException.permanent("chat.reply-undeliverable", "There is no " + topic + "-" + partition + ".");
        }
    }

    @Override
    public void send(String topic, int partition, byte[] key, byte[] value, Headers headers) throws CallException {
        require(topic, partition);
        if (failing > 0) {
            failing--;
            throw CallException.retryable("not-ready", "It takes nothing now.", null);
        }
        written.add(new Written(topic, partition, new String(key, UTF_8), value, new RecordHeaders(headers.toArray())));
    }
}
