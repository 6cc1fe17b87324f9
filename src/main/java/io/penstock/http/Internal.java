package io.penstock.http;

import io.penstock.embedding.EmbeddingAnswers;
import io.penstock.query.StoreAnswers;
import io.penstock.vector.IndexAnswers;
import java.util.Optional;

/**
 * What other instances ask this one. It is there before all else, since partitions may come here while this instance starts.
 *
 * @param index empty when this instance cannot search
 * @param embeddings empty when this instance has no embedding model
 */
public record Internal(StoreAnswers stores, Optional<IndexAnswers> index, Optional<EmbeddingAnswers> embeddings) {}
