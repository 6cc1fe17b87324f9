package io.penstock.vector;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
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
        KafkaStreams streams = instance.get().orElseThrow(() -> unavailable("it is not running", null));
        try {
            Map<Integer, QueryResult<R>> results = streams.query(
                            StateQueryRequest.inStore(VectorIndexTopology.STORE).withQuery(query))
                    .getPartitionResults();
            List<R> answers = new ArrayList<>();
            results.forEach((partition, result) -> {
                if (result.isSuccess()) {
                    answers.add(result.getResult());
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
