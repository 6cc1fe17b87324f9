package io.penstock.bench;

import dev.langchain4j.data.document.Document;
import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.document.splitter.DocumentSplitters;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.HuggingFaceTokenCountEstimator;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.EmbeddingStore;
import dev.langchain4j.store.embedding.EmbeddingStoreIngestor;
import io.penstock.bench.Ranking.Hit;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What LangChain4j finds when it is used as its guide begins: the ingestor, the recursive splitter with the 300 tokens and the
 * overlap of 30 that its easy start has, and a store in memory.
 */
final class PlainLangChain4j {
    private static final int SEGMENT_TOKENS = 300;
    private static final int OVERLAP_TOKENS = 30;
    private static final long START_STACK_BYTES = 64L << 20;
    private static final String ITEM = "item";

    private final EmbeddingModel model;
    private final EmbeddingStore<TextSegment> store;

    /** @param model embeds what is ingested and what is asked */
    PlainLangChain4j(EmbeddingModel model, EmbeddingStore<TextSegment> store) {
        this.model = model;
        this.store = store;
    }

    /**
     * Its own embedder of the bundled model. ONNX Runtime is started on a large stack: with a long class path it ends the
     * process on a small one.
     */
    static EmbeddingModel model() throws InterruptedException {
        FutureTask<EmbeddingModel> start = new FutureTask<>(AllMiniLmL6V2QuantizedEmbeddingModel::new);
        Thread thread = new Thread(null, start, "langchain4j-start", START_STACK_BYTES);
        thread.start();
        try {
            return start.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("LangChain4j's embedder does not start", e.getCause());
        }
    }

    void ingest(List<RealTexts.Document> texts) {
        EmbeddingStoreIngestor ingestor = EmbeddingStoreIngestor.builder()
                .documentSplitter(DocumentSplitters.recursive(
                        SEGMENT_TOKENS, OVERLAP_TOKENS, new HuggingFaceTokenCountEstimator()))
                .embeddingModel(model)
                .embeddingStore(store)
                .build();
        ingestor.ingest(texts.stream()
                .map(text -> Document.from(text.text(), Metadata.from(ITEM, text.item())))
                .toList());
    }

    List<Hit> search(String question, int k) {
        EmbeddingSearchRequest request = EmbeddingSearchRequest.builder()
                .queryEmbedding(model.embed(question).content())
                .maxResults(k)
                .build();
        return store.search(request).matches().stream()
                .map(match -> {
                    TextSegment segment = match.embedded();
                    return new Hit(String.valueOf(segment.metadata().getString(ITEM)), segment.text());
                })
                .toList();
    }
}
