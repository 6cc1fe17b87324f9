package io.penstock.vector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroSerdes;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;

/**
 * What one instance answers another about the vector index: a query by the shards it has itself, a search by all shards. May be
 * called from any thread.
 */
public final class IndexAnswers {
    static final String QUERY = "/internal/index/query";
    static final String SEARCH = "/internal/index/search";

    private final StreamsShards shards;
    private final Retriever retriever;
    private final IndexWire wire;

    /**
     * @param instance the running vector index, if there is one now
     * @param retriever searches all shards from here
     */
    public IndexAnswers(Supplier<Optional<KafkaStreams>> instance, Retriever retriever, AvroSerdes serdes) {
        this.shards = new StreamsShards(instance, Topics.CHUNK);
        this.retriever = retriever;
        this.wire = new IndexWire(serdes.codec(Chunk.class));
    }

    /**
     * {@code {"kind","query","position","wanted","patience_ms"}} to
     * {@code {"shards":{"<partition>":...},"copies":[...],"behind":[...]}}: of the wanted partitions, those that are active here, and
     * copies of the others; what has answered within the patience.
     *
     * @throws PenstockException {@code shard.unavailable}, {@code body.malformed}
     */
    public ObjectNode query(JsonNode question) {
        try {
            return ask(wire.query(question), wire.position(question), wire.wanted(question), wire.patience(question));
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private <R> ObjectNode ask(
            IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        ShardAnswers<R> active = shards.ask(query, position, wanted, patience);
        Set<Integer> absent = active.missing(wanted);
        absent.removeAll(active.behind());
        if (absent.isEmpty()) {
            return wire.answers(query, active);
        }
        ShardAnswers<R> copies =
                shards.askCopies(query, position, absent, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        Map<Integer, R> all = new TreeMap<>(copies.answers());
        all.putAll(active.answers());
        Set<Integer> behind = new TreeSet<>(active.behind());
        behind.addAll(copies.behind());
        return wire.answers(query, new ShardAnswers<>(all, copies.answers().keySet(), behind));
    }

    /** A search of all shards, for an instance that has no model to embed the question with. */
    public JsonNode search(JsonNode request) throws InterruptedException {
        SearchRequest wanted;
        try {
            wanted = wire.readRequest(request);
        } catch (IOException e) {
            throw malformed(e);
        }
        return wire.result(retriever.search(wanted));
    }

    private static PenstockException malformed(IOException e) {
        return new PenstockException(
                ErrorCode.BODY_MALFORMED, "This is no question that this version understands: " + e.getMessage(), e);
    }
}
