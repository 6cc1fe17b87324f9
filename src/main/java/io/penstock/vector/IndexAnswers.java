package io.penstock.vector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroSerdes;
import java.io.IOException;
import java.util.Optional;
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
        this.shards = new StreamsShards(instance);
        this.retriever = retriever;
        this.wire = new IndexWire(serdes.codec(Chunk.class));
    }

    /**
     * {@code {"kind","query"}} to {@code {"shards":{"<partition>":...}}}.
     *
     * @throws PenstockException {@code shard.unavailable}, {@code body.malformed}
     */
    public ObjectNode query(JsonNode question) {
        try {
            return ask(wire.query(question));
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private <R> ObjectNode ask(IndexQuery<R> query) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ObjectNode answers = answer.putObject("shards");
        shards.askEach(query)
                .forEach((partition, found) ->
                        answers.set(Integer.toString(partition), wire.answer(query, (Object) found)));
        return answer;
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
