package io.penstock.vector;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.LagInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the copies of shards are behind their Kafka topic. A copy that is still being built must not answer: it would give a part
 * for the whole.
 *
 * <p>Threading: any thread.
 */
final class CopyLags {
    private static final Logger LOG = LoggerFactory.getLogger(CopyLags.class);

    /** The broker is asked no more often than this, since it may be asked for every search while a shard is away. */
    private static final long VALID_NANOS = Duration.ofMillis(500).toNanos();

    private static final long PATIENCE_MS = 500;

    /** The end of a topic may lie beyond the last record by the markers of transactions, and a copy follows commits. */
    private static final long NEAR = 16;

    private static final int NEAR_PERCENT = 1;

    /** More than this is no moment's worth, however long the topic is: a copy that lacks it is still being built. */
    private static final long NEAR_AT_MOST = 1_000;

    private Map<Integer, LagInfo> known = Map.of();
    private long knownSince = System.nanoTime() - VALID_NANOS;

    /** The partitions among these of which there is a copy here that lacks next to nothing. */
    synchronized Set<Integer> near(KafkaStreams streams, Set<Integer> wanted) {
        if (System.nanoTime() - knownSince >= VALID_NANOS) {
            ask(streams);
            knownSince = System.nanoTime();
        }
        Set<Integer> near = new TreeSet<>();
        for (int partition : wanted) {
            LagInfo lag = known.get(partition);
            if (lag != null && isNear(lag.offsetLag(), lag.endOffsetPosition())) {
                near.add(partition);
            }
        }
        return near;
    }

    static boolean isNear(long lag, long end) {
        return lag <= Math.min(NEAR_AT_MOST, NEAR + end / 100 * NEAR_PERCENT);
    }

    /** When the broker does not say, what it said last holds on. */
    private void ask(KafkaStreams streams) {
        FutureTask<Map<Integer, LagInfo>> question = new FutureTask<>(
                () -> streams.allLocalStorePartitionLags().getOrDefault(VectorIndexTopology.STORE, Map.of()));
        Thread.ofVirtual().start(question);
        try {
            known = question.get(PATIENCE_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("How far copies are behind is not known now", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
