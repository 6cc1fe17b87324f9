package io.penstock.vector;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * What a Lucene commit says beside the documents; both become durable in one atomic write.
 *
 * @param model fingerprint of the model that was active
 * @param analyzer name of the analysis that made the terms
 * @param at when the index was known to be in touch with its topic
 * @param position highest offset of the source topic that the index holds; -1 for none
 * @param offsets what Streams has committed; never beyond what the index holds
 */
record CommitData(String model, String analyzer, Instant at, long position, Map<TopicPartition, Long> offsets) {
    /** To be raised whenever an index written before must not be read any more. */
    static final String FORMAT = "2";

    private static final String FORMAT_KEY = "penstock.format";
    private static final String MODEL_KEY = "penstock.model";
    private static final String ANALYZER_KEY = "penstock.analyzer";
    private static final String AT_KEY = "penstock.at";
    private static final String POSITION_KEY = "penstock.position";
    private static final String OFFSET_PREFIX = "penstock.offset.";

    CommitData {
        offsets = Map.copyOf(offsets);
    }

    static CommitData empty(VectorIndexSettings settings, Instant at) {
        return new CommitData(settings.model(), settings.analyzer(), at, -1, Map.of());
    }

    Map<String, String> toMap() {
        Map<String, String> data = new HashMap<>();
        data.put(FORMAT_KEY, FORMAT);
        data.put(MODEL_KEY, model);
        data.put(ANALYZER_KEY, analyzer);
        data.put(AT_KEY, Long.toString(at.toEpochMilli()));
        data.put(POSITION_KEY, Long.toString(position));
        offsets.forEach((partition, offset) -> data.put(OFFSET_PREFIX + partition, Long.toString(offset)));
        return data;
    }

    /** What was written; empty when it is of another format or cannot be read. */
    static Optional<CommitData> parse(Map<String, String> data) {
        if (!FORMAT.equals(data.get(FORMAT_KEY))) {
            return Optional.empty();
        }
        try {
            Map<TopicPartition, Long> offsets = new HashMap<>();
            for (Map.Entry<String, String> entry : data.entrySet()) {
                if (entry.getKey().startsWith(OFFSET_PREFIX)) {
                    offsets.put(
                            partition(entry.getKey().substring(OFFSET_PREFIX.length())),
                            Long.parseLong(entry.getValue()));
                }
            }
            return Optional.of(new CommitData(
                    data.getOrDefault(MODEL_KEY, ""),
                    data.getOrDefault(ANALYZER_KEY, ""),
                    Instant.ofEpochMilli(Long.parseLong(data.getOrDefault(AT_KEY, ""))),
                    Long.parseLong(data.getOrDefault(POSITION_KEY, "")),
                    offsets));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static TopicPartition partition(String text) {
        int dash = text.lastIndexOf('-');
        if (dash < 1) {
            throw new NumberFormatException("no partition in " + text);
        }
        return new TopicPartition(text.substring(0, dash), Integer.parseInt(text.substring(dash + 1)));
    }
}
