package io.penstock.vector;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shards that a {@link KafkaStreams} of this application instance holds, asked one after the other in the caller's thread. */
final class StreamsShards implements Shards {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsShards.class);

    private final Supplier<Optional<KafkaStreams>> instance;

    StreamsShards(Supplier<Optional<KafkaStreams>> instance) {
        this.instance = instance;
    }

    @Override
    public <R> List<R> ask(IndexQuery<R> query) {
        return List.copyOf(askEach(query).values());
    }

    /**
     * The answers by partition. Copies that follow another instance's shard do not count: they may lag behind.
     *
     * @throws PenstockException {@code shard.unavailable} when there is nothing to ask
     */
    <R> Map<Integer, R> askEach(IndexQuery<R> query) {
        KafkaStreams streams = instance.get().orElseThrow(() -> unavailable("it is not running", null));
        try {
            Map<Integer, QueryResult<R>> results = streams.query(StateQueryRequest.inStore(VectorIndexTopology.STORE)
                            .withQuery(query)
                            .requireActive())
                    .getPartitionResults();
            Map<Integer, R> answers = new TreeMap<>();
            results.forEach((partition, result) -> {
                if (result.isSuccess()) {
                    answers.put(partition, result.getResult());
                } else if (result.getFailureReason() == FailureReason.NOT_ACTIVE) {
                    LOG.debug("Shard {} is not active here", partition);
                } else {
                    LOG.warn(
                            "Shard {} did not answer: {} {}",
                            partition,
                            result.getFailureReason(),
                            result.getFailureMessage());
                }
            });
            return answers;
        } catch (KafkaException | IllegalStateException e) {
            throw unavailable("it cannot be asked now (" + e.getMessage() + ")", e);
        }
    }

    private static PenstockException unavailable(String why, @Nullable Throwable cause) {
        return new PenstockException(
                ErrorCode.SHARD_UNAVAILABLE,
                "The vector index of this instance cannot answer: " + why
                        + ". Try again in a few seconds; GET /api/topologies shows its state.",
                cause);
    }
}
