package io.penstock.embedding;

import io.penstock.embedding.EmbeddingQueue.Job;
import io.penstock.embedding.EmbeddingQueue.Request;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/** Callers of the embedder against one session that takes their texts, until it is closed. */
public final class EmbeddingQueueOperations {
    private final EmbeddingQueue queue = new EmbeddingQueue(1);

    /** Whether it was accepted. */
    @Operation
    public boolean ask(@Param(gen = IntGen.class) int text) {
        return add(text, true);
    }

    /** Whether it was accepted. */
    @Operation
    public boolean ingest(@Param(gen = IntGen.class) int text) {
        return add(text, false);
    }

    private boolean add(int text, boolean question) {
        try {
            List<String> texts = List.of(Integer.toString(text));
            queue.add(question ? Request.question(texts) : Request.document(texts));
            return true;
        } catch (IllegalStateException closed) {
            return false;
        }
    }

    @Operation
    public int waiting() {
        return queue.waiting(true) + queue.waiting(false);
    }

    /** The only one that takes, so what it saw waiting is still there. */
    @Operation(nonParallelGroup = "session")
    public @Nullable String take() throws InterruptedException {
        if (waiting() == 0) {
            return null;
        }
        Job job = queue.take();
        queue.done(job);
        return job.text();
    }

    @Operation(nonParallelGroup = "session")
    public String close() {
        return queue.close().stream().map(Job::text).toList().toString();
    }
}
