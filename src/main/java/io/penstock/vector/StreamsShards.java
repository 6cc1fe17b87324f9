package io.penstock.vector;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.apache.kafka.streams.query.StateQueryResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shards that a {@link KafkaStreams} of this application instance holds, asked side by side: one that is slow holds up no other. */
final class StreamsShards {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsShards.class);

    /** A shard answers within this, or not at all: it waits for what is on its way to it, and then searches. */
    static final Duration PATIENCE = LocalRetriever.SHARD_PATIENCE.plusMillis(750);

    private static final int HELPERS = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);

    private final Supplier<Optional<KafkaStreams>> instance;
    private final String sourceTopic;
    private final CopyLags lags = new CopyLags();

    /** @param sourceTopic the Kafka topic whose offsets are positions */
    StreamsShards(Supplier<Optional<KafkaStreams>> instance, String sourceTopic) {
        this.instance = instance;
        this.sourceTopic = sourceTopic;
    }

    /**
     * The answers of those of the wanted shards that are active here and answer in time.
     *
     * @throws PenstockException {@code shard.unavailable} when there is nothing to ask
     */
    <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted, Duration patience) {
        return ask(
                StateQueryRequest.inStore(VectorIndexTopology.STORE)
                        .withQuery(query)
                        .withPositionBound(bound(position))
                        .requireActive(),
                running(),
                wanted,
                patience);
    }

    /**
     * The answers of copies that follow another instance's shard, or that are being made this instance's own: of those that lack no
     * more than what came last. There may be none.
     */
    <R> ShardAnswers<R> askCopies(
            IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted, Duration patience) {
        KafkaStreams streams = running();
        ShardAnswers<R> found = ask(
                StateQueryRequest.inStore(VectorIndexTopology.STORE)
                        .withQuery(query)
                        .withPositionBound(bound(position)),
                streams,
                lags.near(streams, wanted),
                patience);
        return new ShardAnswers<>(found.answers(), found.answers().keySet(), found.behind());
    }

    private static <R> ShardAnswers<R> ask(
            StateQueryRequest<R> request, KafkaStreams streams, Set<Integer> wanted, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        Map<Integer, FutureTask<StateQueryResult<R>>> questions = new TreeMap<>();
        for (int partition : wanted) {
            questions.put(partition, new FutureTask<>(() -> streams.query(request.withPartitions(Set.of(partition)))));
        }
        start(request, List.copyOf(questions.values()), patience);
        Map<Integer, R> answers = new TreeMap<>();
        Set<Integer> behind = new TreeSet<>();
        @Nullable PenstockException failure = null;
        for (Map.Entry<Integer, FutureTask<StateQueryResult<R>>> question : questions.entrySet()) {
            int partition = question.getKey();
            try {
                // One that is late is let finish, since its own patience ends soon.
                StateQueryResult<R> results =
                        question.getValue().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                results.getPartitionResults().forEach((_, result) -> add(partition, result, answers, behind));
            } catch (TimeoutException e) {
                LOG.warn("Shard {} did not answer in time", partition);
            } catch (ExecutionException e) {
                failure = failed(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PenstockException(
                        ErrorCode.NOT_READY, "Interrupted while the shards were asked; ask again.", e);
            }
        }
        if (failure != null && answers.isEmpty() && behind.isEmpty()) {
            throw failure;
        }
        return new ShardAnswers<>(answers, Set.of(), behind);
    }

    /**
     * The asking thread takes one question after the other, since it would only wait meanwhile, and handing over takes time too; as
     * many helpers as there are other cores begin at the other end. Whoever hangs holds up one question: the others pass it by. A
     * shard ends its answer within the whole patience; where less is left, the asking thread must be able to turn away from each,
     * and where shards may have to wait for what is on its way to them, they wait side by side.
     */
    private static <T> void start(StateQueryRequest<?> request, List<FutureTask<T>> questions, Duration patience) {
        if (request.getQuery() instanceof IndexQuery<?> query && query.takesLittle()) {
            questions.forEach(FutureTask::run);
        } else if (patience.compareTo(PATIENCE) < 0
                || !request.getPositionBound().isUnbounded()) {
            questions.forEach(question -> Thread.ofVirtual().name("shard").start(question));
        } else {
            List<FutureTask<T>> fromTheOtherEnd = questions.reversed();
            for (int helper = 0; helper < Math.min(HELPERS, questions.size() - 1); helper++) {
                Thread.ofVirtual().name("shards").start(() -> fromTheOtherEnd.forEach(FutureTask::run));
            }
            questions.forEach(FutureTask::run); // does nothing where somebody else has begun
        }
    }

    private static <R> void add(int partition, QueryResult<R> result, Map<Integer, R> answers, Set<Integer> behind) {
        if (result.isSuccess()) {
            answers.put(partition, result.getResult());
        } else if (result.getFailureReason() == FailureReason.NOT_UP_TO_BOUND) {
            behind.add(partition);
        } else if (result.getFailureReason() == FailureReason.NOT_ACTIVE
                || result.getFailureReason() == FailureReason.NOT_PRESENT) {
            LOG.debug("Shard {} is not here, or not active", partition);
        } else {
            LOG.warn(
                    "Shard {} did not answer: {} {}", partition, result.getFailureReason(), result.getFailureMessage());
        }
    }

    private static PenstockException failed(ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof KafkaException || cause instanceof IllegalStateException) {
            return unavailable("it cannot be asked now (" + cause.getMessage() + ")", cause);
        }
        throw new IllegalStateException("The vector index of this instance failed", e);
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
