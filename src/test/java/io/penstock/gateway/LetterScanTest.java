package io.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LetterScanTest {
    private static final String TOPIC = "dead-letter.capture";
    private static final TopicPartition PLACE = new TopicPartition(TOPIC, 0);

    @Test
    void shouldNotSayThatALetterIsUnknownThatItHadNoTimeToRead() {
        try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest")) {
            consumer.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, null, new Node[0], new Node[0])));
            consumer.updateBeginningOffsets(Map.of(PLACE, 0L));
            consumer.updateEndOffsets(Map.of(PLACE, 5L));

            assertCode(consumer, 3, ErrorCode.NOT_READY);
            assertCode(consumer, 5, ErrorCode.DEAD_LETTER_UNKNOWN);
        }
    }

    private static void assertCode(MockConsumer<byte[], byte[]> consumer, long offset, ErrorCode code) {
        LetterScan scan = new LetterScan(consumer, TOPIC, Duration.ofMillis(-1));
        assertThatThrownBy(() -> scan.one(0, offset))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
