package io.penstock.vector;

import org.apache.kafka.streams.query.Query;

/** What the vector index answers beside the queries of any key-value store. Unknown query types reach the innermost store. */
public sealed interface IndexQuery<R> extends Query<R> permits ChunkLookup, ChunkQuery, CorpusQuery {
    /**
     * Whether an answer takes so little that handing the question to another thread would take longer. Only for what is asked of
     * shards that have just answered: whoever asks cannot turn away from one that hangs.
     */
    boolean takesLittle();
}
