package io.penstock.vector;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queries on the index and their answers as JSON, in which they travel between instances. Numbers come out as they went in;
 * passages are Avro inside. May be used from any thread.
 */
final class IndexWire {
    private static final String KIND = "kind";
    private static final String QUERY = "query";
    private static final String POSITION = "position";
    private static final String WANTED = "wanted";
    private static final String PATIENCE = "patience_ms";
    private static final String SHARDS = "shards";
    private static final String COPIES = "copies";
    private static final String BEHIND = "behind";
    private static final Logger LOG = LoggerFactory.getLogger(IndexWire.class);

    private final JsonMapper json =
            JsonMapper.builder().addModule(new JavaTimeModule()).build();
    private final AvroCodec<Chunk> chunks;

    IndexWire(AvroCodec<Chunk> chunks) {
        this.chunks = chunks;
    }

    private enum Kind {
        CORPUS,
        CHUNKS,
        PASSAGES
    }

    private static Kind kind(IndexQuery<?> query) {
        return switch (query) {
            case CorpusQuery corpus -> Kind.CORPUS;
            case ChunkQuery chunk -> Kind.CHUNKS;
            case ChunkLookup lookup -> Kind.PASSAGES;
        };
    }

    /**
     * @param position offsets that a shard must have reached to answer, by partition
     * @param wanted partitions that are asked, or copies of them
     * @param patience after which the answers that are there are given
     */
    ObjectNode question(IndexQuery<?> query, Map<Integer, Long> position, Set<Integer> wanted, Duration patience) {
        ObjectNode question =
                JsonNodeFactory.instance.objectNode().put(KIND, kind(query).name());
        question.set(QUERY, json.valueToTree(query));
        question.set(POSITION, json.valueToTree(position));
        question.set(WANTED, json.valueToTree(wanted));
        question.put(PATIENCE, patience.toMillis());
        return question;
    }

    /** @throws IOException when it is no question of this version */
    Map<Integer, Long> position(JsonNode question) throws IOException {
        JsonNode position = question.path(POSITION);
        return position.isObject()
                ? json.readerFor(new TypeReference<Map<Integer, Long>>() {}).readValue(position)
                : Map.of();
    }

    /** After how long the answers that are there are given; no longer than a shard may take. */
    Duration patience(JsonNode question) {
        long longest = StreamsShards.PATIENCE.toMillis();
        return Duration.ofMillis(Math.clamp(question.path(PATIENCE).asLong(longest), 1, longest));
    }

    /** The partitions that are asked, or copies of them. */
    Set<Integer> wanted(JsonNode question) {
        return numbers(question.path(WANTED));
    }

    /** {@code {"shards":{"<partition>":...},"copies":[...],"behind":[...]}}. */
    ObjectNode answers(IndexQuery<?> query, ShardAnswers<?> found) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode shards = body.putObject(SHARDS);
        found.answers().forEach((partition, answer) -> shards.set(Integer.toString(partition), answer(query, answer)));
        body.set(COPIES, json.valueToTree(found.copies()));
        body.set(BEHIND, json.valueToTree(found.behind()));
        return body;
    }

    /** Those answers that can be read. */
    <R> ShardAnswers<R> readAnswers(IndexQuery<R> query, JsonNode body) throws IOException {
        Map<Integer, R> answers = new TreeMap<>();
        for (Map.Entry<String, JsonNode> shard : body.path(SHARDS).properties()) {
            try {
                answers.put(Integer.valueOf(shard.getKey()), read(query, shard.getValue()));
            } catch (IOException | IllegalArgumentException e) {
                LOG.warn("The answer of shard {} cannot be read", shard.getKey(), e);
            }
        }
        return new ShardAnswers<>(answers, numbers(body.path(COPIES)), numbers(body.path(BEHIND)));
    }

    private static Set<Integer> numbers(JsonNode array) {
        Set<Integer> numbers = new TreeSet<>();
        array.forEach(number -> numbers.add(number.asInt()));
        return numbers;
    }

    /** @throws IOException when it is no question of this version */
    IndexQuery<?> query(JsonNode question) throws IOException {
        JsonNode query = question.path(QUERY);
        if (!query.isObject()) {
            throw new IOException("The field " + QUERY + " is missing");
        }
        try {
            return switch (Kind.valueOf(question.path(KIND).asText())) {
                case CORPUS -> json.treeToValue(query, CorpusQuery.class);
                case CHUNKS -> json.treeToValue(query, ChunkQuery.class);
                case PASSAGES -> json.treeToValue(query, ChunkLookup.class);
            };
        } catch (IllegalArgumentException e) {
            throw new IOException("There is no such query: " + question.path(KIND), e);
        }
    }

    JsonNode answer(IndexQuery<?> query, Object answer) {
        return switch (kind(query)) {
            case CORPUS, CHUNKS -> json.valueToTree(answer);
            case PASSAGES -> {
                ObjectNode passages = JsonNodeFactory.instance.objectNode();
                ((Map<?, ?>) answer)
                        .forEach((id, chunk) ->
                                passages.put(String.valueOf(id), chunks.encode(Topics.CHUNK, (Chunk) chunk)));
                yield passages;
            }
        };
    }

    /** @throws IOException when it is no answer of this version */
    @SuppressWarnings("unchecked") // each kind of query fixes the type of its answer
    <R> R read(IndexQuery<R> query, JsonNode answer) throws IOException {
        return (R)
                switch (kind(query)) {
                    case CORPUS -> json.treeToValue(answer, CorpusStatistics.class);
                    case CHUNKS -> json.treeToValue(answer, ShardHits.class);
                    case PASSAGES -> {
                        Map<String, Chunk> passages = new HashMap<>();
                        for (Map.Entry<String, JsonNode> passage : answer.properties()) {
                            passages.put(
                                    passage.getKey(),
                                    chunks.decode(passage.getValue().binaryValue()));
                        }
                        yield passages;
                    }
                };
    }

    JsonNode request(SearchRequest request) {
        return json.valueToTree(request);
    }

    /** @throws IOException when it is no request of this version */
    SearchRequest readRequest(JsonNode request) throws IOException {
        return json.treeToValue(request, SearchRequest.class);
    }

    JsonNode result(SearchResult result) {
        return json.valueToTree(result);
    }

    /** @throws IOException when it is no result of this version */
    SearchResult readResult(JsonNode result) throws IOException {
        return json.treeToValue(result, SearchResult.class);
    }
}
