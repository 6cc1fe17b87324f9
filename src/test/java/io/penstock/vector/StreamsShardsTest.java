package io.penstock.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.apache.kafka.streams.query.StateQueryResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class StreamsShardsTest {
    @TempDir
    private Path folder;

    @Test
    void shouldAskShardsSideBySide() {
        try (Slow streams = new Slow(Set.of())) {
            assertThat(ask(streams, Set.of(0, 2), Duration.ofSeconds(20)).answers())
                    .containsOnlyKeys(0, 2);
        }
    }

    @Test
    void shouldDoWithoutAShardThatDoesNotAnswerInTime() {
        try (Slow streams = new Slow(Set.of(1))) {
            ShardAnswers<CorpusStatistics> found = ask(streams, Set.of(0, 1, 2), Duration.ofSeconds(1));

            assertThat(found.answers()).containsOnlyKeys(0, 2);
            assertThat(found.missing(Set.of(0, 1, 2))).containsExactly(1);
        }
    }

    private static ShardAnswers<CorpusStatistics> ask(KafkaStreams streams, Set<Integer> wanted, Duration patience) {
        return new StreamsShards(() -> Optional.of(streams), "any")
                .ask(new CorpusQuery("any"), Map.of(), wanted, patience);
    }

    /** Some shards answer never, and the first two of the others when both are asked. */
    private final class Slow extends KafkaStreams {
        private final Set<Integer> silent;
        private final CountDownLatch asked = new CountDownLatch(2);
        private final CountDownLatch closed = new CountDownLatch(1);

        Slow(Set<Integer> silent) {
            super(
                    new VectorIndexTopology(
                                    Chunks.SERDES, () -> OpenStore.NOW, VectorIndexSettings.forModel(Chunks.MODEL))
                            .build(),
                    config(folder));
            this.silent = silent;
        }

        private static Properties config(Path folder) {
            Properties config = new Properties();
            config.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
            config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
            config.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
            return config;
        }

        @Override
        @SuppressWarnings("unchecked") // the only query that is asked here
        public <R> StateQueryResult<R> query(StateQueryRequest<R> request) {
            StateQueryResult<R> results = new StateQueryResult<>();
            for (int partition : request.getPartitions()) {
                try {
                    if (silent.contains(partition)) {
                        closed.await();
                    } else {
                        asked.countDown();
                        asked.await();
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                results.addResult(partition, QueryResult.forResult((R) CorpusStatistics.EMPTY));
            }
            return results;
        }

        @Override
        public void close() {
            closed.countDown();
            super.close();
        }
    }
}
