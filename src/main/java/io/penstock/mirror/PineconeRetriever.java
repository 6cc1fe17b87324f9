package io.penstock.mirror;

import io.grpc.StatusRuntimeException;
import io.penstock.embedding.Embedder;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import io.penstock.vector.Retriever;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchRequest;
import io.penstock.vector.SearchResult;
import io.pinecone.proto.QueryRequest;
import io.pinecone.proto.QueryResponse;
import io.pinecone.proto.ScoredVector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Finds passages in the Pinecone mirror, ranked by the cosine whatever the mode: words do not count there. All namespaces are asked
 * at the same time, and are one shard.
 */
final class PineconeRetriever implements Retriever, AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(3);

    private final PineconeIndex index;
    private final Embedder embedder;
    private final Supplier<List<String>> topics;
    private final Predicate<Chunk> shown;

    /**
     * @param topics that a search without a topic looks into
     * @param shown whether a chunk may be shown
     */
    PineconeRetriever(PineconeIndex index, Embedder embedder, Supplier<List<String>> topics, Predicate<Chunk> shown) {
        this.index = index;
        this.embedder = embedder;
        this.topics = topics;
        this.shown = shown;
    }

    /** @throws PenstockException {@code mirror.unreachable} and what else a mirror may suffer */
    @Override
    public SearchResult search(SearchRequest request) throws InterruptedException {
        float[] vector = embedder.embed(request.q());
        index.connect(false);
        QueryRequest.Builder query = QueryRequest.newBuilder()
                .setTopK(request.k())
                .setIncludeMetadata(true)
                .setFilter(PineconeVectors.filter(request.filter(), embedder.fingerprint()));
        for (float value : vector) {
            query.addVector(value);
        }
        List<Future<QueryResponse>> asked = new ArrayList<>();
        String topic = request.filter().topic();
        for (String namespace : topic == null ? topics.get() : List.of(topic)) {
            asked.add(index.stub(DEADLINE).query(query.setNamespace(namespace).build()));
        }
        List<SearchHit> hits = new ArrayList<>();
        for (Future<QueryResponse> answer : asked) {
            for (ScoredVector match : answered(answer).getMatchesList()) {
                Chunk chunk = PineconeVectors.chunk(match.getMetadata());
                if (shown.test(chunk)) {
                    hits.add(hit(PineconeVectors.chunkId(match.getMetadata()), chunk, match.getScore()));
                }
            }
        }
        return new SearchResult(
                hits.stream()
                        .sorted(Comparator.comparingDouble(SearchHit::score)
                                .reversed()
                                .thenComparing(SearchHit::id))
                        .limit(request.k())
                        .toList(),
                1,
                1,
                0);
    }

    private QueryResponse answered(Future<QueryResponse> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StatusRuntimeException status) {
                if (PineconeIndex.isNotFound(status)) {
                    return QueryResponse.getDefaultInstance(); // nothing of that topic is there yet
                }
                throw index.failed(status);
            }
            throw new PenstockException(
                    ErrorCode.MIRROR_UNREACHABLE, "Pinecone's answer cannot be read (" + e.getCause() + ").", e);
        }
    }

    private static SearchHit hit(String id, Chunk chunk, double cosine) {
        return SearchHit.of(id, cosine, chunk, cosine);
    }

    @Override
    public void close() {
        index.close();
    }
}
