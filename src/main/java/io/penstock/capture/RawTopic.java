package io.penstock.capture;

import io.penstock.kafka.Topics;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.TopicNameExtractor;

/** A captured record goes to {@code raw.<topic>}; its key, the record id, begins with the topic. */
record RawTopic() implements TopicNameExtractor<String, byte[]> {
    @Override
    public String extract(String recordId, byte[] value, RecordContext context) {
        return Topics.raw(recordId.substring(0, recordId.indexOf('/')));
    }
}
