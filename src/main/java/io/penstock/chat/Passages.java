package io.penstock.chat;

import io.penstock.answer.Passage;
import io.penstock.error.ErrorCode;
import io.penstock.schema.ChatRequest;
import io.penstock.stage.CallException;
import io.penstock.vector.Retriever;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchMode;
import io.penstock.vector.SearchRequest;
import io.penstock.vector.SearchResult;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the passages that questions are answered from. May be used from any thread. */
final class Passages {
    /** How long the index may take to reach what the question is to be answered from. */
    private static final Duration INDEX_PATIENCE = Duration.ofSeconds(5);

    private final Retriever retriever;
    private final ChatSettings settings;

    Passages(Retriever retriever, ChatSettings settings) {
        this.retriever = retriever;
        this.settings = settings;
    }

    /** @throws CallException {@code shard.unavailable} when only a part of the index could be asked */
    List<Passage> find(ChatRequest request, String query) throws CallException, InterruptedException {
        SearchResult found = retriever.search(search(request, query));
        if (found.answered() < found.asked()) {
            // The passage that answers the question may be in a shard that is moving; "nothing is known" would be
            // wrong.
            throw CallException.retryable(
                    ErrorCode.SHARD_UNAVAILABLE.code(),
                    "Only " + found.answered() + " of " + found.asked()
                            + " shards of the vector index answered; ask again in a few seconds.",
                    null);
        }
        return found.hits().stream().map(Passages::passage).toList();
    }

    private SearchRequest search(ChatRequest request, String query) {
        int k = request.getK() == null ? settings.passages() : Math.clamp(request.getK(), 1, settings.maxPassages());
        SearchRequest search = new SearchRequest(query, request.getTopic(), request.getSegment(), k, SearchMode.HYBRID);
        if (request.getIndexPosition().isEmpty()) {
            return search;
        }
        Map<Integer, Long> position = new HashMap<>();
        request.getIndexPosition().forEach((partition, offset) -> position.put(Integer.valueOf(partition), offset));
        return search.reaching(position, INDEX_PATIENCE);
    }

    private static Passage passage(SearchHit hit) {
        return new Passage(
                hit.id(),
                hit.topic(),
                hit.segment(),
                hit.processor(),
                hit.item(),
                hit.label(),
                hit.uri(),
                hit.text(),
                hit.start(),
                hit.end(),
                hit.score());
    }
}
