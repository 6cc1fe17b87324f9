package io.penstock.soak;

import java.util.List;
import org.apache.kafka.common.header.Header;

/** An input as it lies in Kafka. */
record Sent(Work work, String key, long timestamp, List<Header> headers, String topic, int partition, long offset) {}
