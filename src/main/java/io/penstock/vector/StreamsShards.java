package io.penstock.vector;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shards that a {@link KafkaStreams} of this application instance holds, asked one after the other in the caller's thread. */
final class StreamsShards {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsShards.class);

    private final Supplier<Optional<KafkaStreams>> instance;
    private final String sourceTopic;
    private final CopyLags lags = new CopyLags();

    /** @param sourceTopic the Kafka topic whose offsets are positions */
    StreamsShards(Supplier<Optional<KafkaStreams>> instance, String sourceTopic) {
        this.instance = instance;
        this.sourceTopic = sourceTopic;
    }

    /**
     * The answers of those shards that are active here.
     *
     * @throws PenstockException {@code shard.unavailable} when there is nothing to ask
     */
    <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position) {
        return ask(
                StateQueryRequest.inStore(VectorIndexTopology.STORE)
                        .withQuery(query)
                        .withPositionBound(bound(position))
                        .requireActive(),
                running());
    }

    /**
     * The answers of copies that follow another instance's shard, or that are being made this instance's own: of those that lack no
     * more than what came last. There may be none.
     */
    <R> ShardAnswers<R> askCopies(IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted) {
        KafkaStreams streams = running();
        Set<Integer> near = lags.near(streams, wanted);
        if (near.isEmpty()) {
            return new ShardAnswers<>(Map.of(), Set.of(), Set.of());
        }
        ShardAnswers<R> found = ask(
                StateQueryRequest.inStore(VectorIndexTopology.STORE)
                        .withQuery(query)
                        .withPositionBound(bound(position))
                        .withPartitions(near),
                streams);
        return new ShardAnswers<>(found.answers(), found.answers().keySet(), found.behind());
    }

    private static <R> ShardAnswers<R> ask(StateQueryRequest<R> request, KafkaStreams streams) {
        Map<Integer, R> answers = new TreeMap<>();
        Set<Integer> behind = new TreeSet<>();
        try {
            Map<Integer, QueryResult<R>> results = streams.query(request).getPartitionResults();
            results.forEach((partition, result) -> {
                if (result.isSuccess()) {
                    answers.put(partition, result.getResult());
                } else if (result.getFailureReason() == FailureReason.NOT_UP_TO_BOUND) {
                    behind.add(partition);
                } else if (result.getFailureReason() == FailureReason.NOT_ACTIVE
                        || result.getFailureReason() == FailureReason.NOT_PRESENT) {
                    LOG.debug("Shard {} is not here, or not active", partition);
                } else {
                    LOG.warn(
                            "Shard {} did not answer: {} {}",
                            partition,
                            result.getFailureReason(),
                            result.getFailureMessage());
                }
            });
        } catch (KafkaException | IllegalStateException e) {
            throw unavailable("it cannot be asked now (" + e.getMessage() + ")", e);
        }
        return new ShardAnswers<>(answers, Set.of(), behind);
    }

    private PositionBound bound(Map<Integer, Long> position) {
        if (position.isEmpty()) {
            return PositionBound.unbounded();
        }
        Position bound = Position.emptyPosition();
        position.forEach((partition, offset) -> bound.withComponent(sourceTopic, partition, offset));
        return PositionBound.at(bound);
    }

    private KafkaStreams running() {
        return instance.get().orElseThrow(() -> unavailable("it is not running", null));
    }

    private static PenstockException unavailable(String why, @Nullable Throwable cause) {
        return new PenstockException(
                ErrorCode.SHARD_UNAVAILABLE,
                "The vector index of this instance cannot answer: " + why
                        + ". Try again in a few seconds; GET /api/topologies shows its state.",
                cause);
    }
}
