package io.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class ChunkIdsTest {
    @Test
    void shouldFindTheRecordOfAChunkEvenIfItsIdContainsTheSeparator() {
        String recordId = "notes/school/files/c#/lesson#1";

        assertThat(ChunkIds.recordId(ChunkIds.id(recordId, "0123456789abcdef", "fedcba9876543210", 12)))
                .isEqualTo(recordId);
        assertThat(ChunkIds.recordId("a#b")).isEqualTo("a#b");
    }

    @Test
    void shouldPutChunksIntoThePartitionOfTheirRecord() {
        ChunkPartitioner<String> partitioner = new ChunkPartitioner<>();
        for (int i = 0; i < 100; i++) {
            String recordId = "topic/segment/processor/ключ#" + i;
            int expected = BuiltInPartitioner.partitionForKey(recordId.getBytes(UTF_8), 7);

            assertThat(partitioner.partitions("chunk", ChunkIds.id(recordId, "model", "hash" + i, i), null, 7))
                    .contains(Set.of(expected));
        }
    }
}
