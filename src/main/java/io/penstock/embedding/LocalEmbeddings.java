package io.penstock.embedding;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Embeds with the model of this process, in the line of documents: the texts of one call take turns with those of documents and of
 * other calls, and questions to the chat and the search go before all of them.
 */
public final class LocalEmbeddings implements Embeddings {
    /** Each call keeps a thread and its vectors. */
    static final int MAX_CALLS = 16;

    private final Embedder embedder;
    private final EmbeddingModel model;
    private final Duration patience;
    private final Semaphore calls = new Semaphore(MAX_CALLS);

    /**
     * @param embedder stands in the line of documents
     * @param patience how long one call may take
     */
    public LocalEmbeddings(Embedder embedder, String name, Duration patience) {
        this.embedder = embedder;
        this.model = new EmbeddingModel(name, embedder.dimension());
        this.patience = patience;
    }

    @Override
    public Optional<EmbeddingModel> model() {
        return Optional.of(model);
    }

    @Override
    public EmbeddedTexts embed(List<String> texts) throws InterruptedException {
        if (!calls.tryAcquire()) {
            throw new PenstockException(
                    ErrorCode.BUSY, MAX_CALLS + " calls are being embedded; try again in a second.");
        }
        try {
            int tokens = tokens(texts);
            return new EmbeddedTexts(model, vectors(texts), tokens);
        } finally {
            calls.release();
        }
    }

    private int tokens(List<String> texts) {
        if (texts.isEmpty() || texts.size() > MAX_TEXTS) {
            throw refused("One call embeds 1 to " + MAX_TEXTS + " texts, not " + texts.size() + ".");
        }
        int sum = 0;
        for (int i = 0; i < texts.size(); i++) {
            if (texts.get(i).isEmpty()) {
                throw refused("Text " + i + " is empty; there is nothing to embed.");
            }
            int tokens = embedder.countTokens(texts.get(i));
            if (tokens > embedder.maxTokens()) {
                throw refused("Text " + i + " has " + tokens + " tokens, and " + model.name() + " takes "
                        + embedder.maxTokens() + "; cut it into shorter ones.");
            }
            sum += tokens;
        }
        if (sum > MAX_TOKENS) {
            throw refused("The texts have " + sum + " tokens together, and one call takes " + MAX_TOKENS
                    + "; send them in several calls.");
        }
        return sum;
    }

    private List<float[]> vectors(List<String> texts) throws InterruptedException {
        FutureTask<List<float[]>> task = new FutureTask<>(() -> embedder.embedAll(texts));
        Thread.ofVirtual().name("embeddings").start(task);
        try {
            return task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new PenstockException(
                    ErrorCode.BUSY,
                    "The model is busy: the texts were not embedded within " + patience.toSeconds()
                            + " s. Try again later, or with fewer at once.",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PenstockException known) {
                throw known;
            }
            if (e.getCause() instanceof CancellationException || e.getCause() instanceof IllegalStateException) {
                throw new PenstockException(
                        ErrorCode.NOT_READY, "The model is being closed; ask again in a moment.", e);
            }
            throw new PenstockException(ErrorCode.INTERNAL, "A text could not be embedded: " + e.getCause() + ".", e);
        } finally {
            task.cancel(true); // takes what still waits out of the line
        }
    }

    private static PenstockException refused(String detail) {
        return new PenstockException(ErrorCode.PARAMETER_INVALID, detail);
    }
}
