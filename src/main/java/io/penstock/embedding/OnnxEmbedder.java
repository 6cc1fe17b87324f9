package io.penstock.embedding;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one owner of the embedding model in a process: some single-threaded sessions, each with a platform thread of its own.
 *
 * <p><b>Threading.</b> All methods may be called from any thread, virtual ones too: a caller parks while a session's thread
 * computes, so that the model never pins the carriers of virtual threads. {@link #embed} and {@link #embedAll}
 * stand in the line of documents; {@link #forQueries()} gives a view whose texts go first.
 */
public final class OnnxEmbedder implements Embedder, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxEmbedder.class);
    /** Of Lucene's vector fields. */
    private static final int MAX_DIMENSION = 1024;

    private static final long START_STACK_BYTES = 64L << 20;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);
    private static final String WARM_UP = "The first text through a session is slower than those that follow.";

    private final TextTokenizer tokenizer;
    private final List<ModelSession> sessions;
    private final int dimension;
    private final String fingerprint;
    private final int maxTokens;
    private final EmbeddingQueue queue;
    private final List<Thread> threads = new ArrayList<>();
    private final RememberingEmbedder queries;
    private final LongAdder texts = new LongAdder();
    private final LongAdder tokens = new LongAdder();
    private volatile boolean closed;

    private OnnxEmbedder(
            TextTokenizer tokenizer,
            List<ModelSession> sessions,
            EmbeddingSettings settings,
            int dimension,
            String fingerprint) {
        this.queue = new EmbeddingQueue(settings.ingestionSessions());
        this.queries = new RememberingEmbedder(new QueryView(), (long) settings.rememberedMib() << 20);
        this.tokenizer = tokenizer;
        this.sessions = sessions;
        this.dimension = dimension;
        this.fingerprint = fingerprint;
        this.maxTokens = settings.maxTokens();
    }

    /**
     * Loads the model and warms it up: every session has embedded one text when this returns.
     *
     * @throws PenstockException {@code model.missing} or {@code model.invalid}, naming the file
     */
    public static OnnxEmbedder open(EmbeddingSettings settings) {
        ModelFiles files = ModelFiles.load(settings);
        OrtEnvironment environment = environment();
        TextTokenizer tokenizer = TextTokenizer.open(files, settings.maxTokens(), settings.nativeFolder());
        List<ModelSession> sessions = new ArrayList<>();
        try {
            int dimension = 0;
            Encoding warmUp = tokenizer.encode(WARM_UP);
            for (int i = 0; i < settings.sessions(); i++) {
                ModelSession session = ModelSession.open(environment, files);
                sessions.add(session);
                dimension = usable(session.embed(warmUp), files.modelName());
            }
            sessions.getFirst().requireRoomFor(settings.maxTokens(), TokenizerFile.largestId(files.tokenizer()), files);
            String fingerprint =
                    files.fingerprint(ModelSession.OPTIMISATION.name(), environment.getVersion(), settings.maxTokens());
            OnnxEmbedder embedder = new OnnxEmbedder(tokenizer, sessions, settings, dimension, fingerprint);
            embedder.start();
            LOG.info(
                    "Embedding with {} ({} dimensions, {} sessions, {} of them for documents, fingerprint {})",
                    files.modelName(),
                    dimension,
                    sessions.size(),
                    settings.ingestionSessions(),
                    fingerprint);
            return embedder;
        } catch (RuntimeException e) {
            sessions.forEach(ModelSession::close);
            tokenizer.close();
            throw e;
        }
    }

    /**
     * Whether the vectors of a model can be used at all.
     *
     * @return their dimension
     */
    private static int usable(float[] vector, String modelName) {
        for (float value : vector) {
            if (!Float.isFinite(value)) {
                throw new PenstockException(
                        ErrorCode.MODEL_INVALID,
                        "The model '" + modelName + "' cannot be used: its vectors hold values that are no numbers.");
            }
        }
        if (vector.length > MAX_DIMENSION) {
            throw new PenstockException(
                    ErrorCode.MODEL_INVALID,
                    "The model '" + modelName + "' cannot be used: its vectors have " + vector.length
                            + " dimensions, and the vector index keeps " + MAX_DIMENSION + " at most.");
        }
        return vector.length;
    }

    /**
     * The same model for questions: their texts go before all that wait through {@link #embed} of this embedder, and those whose
     * vectors are still known are not embedded again. The vectors are shared, and not to be written to.
     */
    public Embedder forQueries() {
        return queries;
    }

    @Override
    public float[] embed(String text) throws InterruptedException {
        return embed(EmbeddingQueue.Request.document(List.of(text))).getFirst();
    }

    /** They stand in line as one: another document's texts come in between. */
    @Override
    public List<float[]> embedAll(List<String> these) throws InterruptedException {
        return embed(EmbeddingQueue.Request.document(these));
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public int countTokens(String text) {
        return tokenizer.count(text);
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    /** Texts embedded so far. */
    public long textsEmbedded() {
        return texts.sum();
    }

    /** Texts of questions that did not need to be embedded, because their vectors were still known. */
    public long textsRemembered() {
        return queries.remembered();
    }

    /** Tokens embedded so far, the special ones included. */
    public long tokensEmbedded() {
        return tokens.sum();
    }

    /** Texts of questions that wait for a session now. */
    public int questionsWaiting() {
        return queue.waiting(true);
    }

    /** Texts of documents that wait for a session now. */
    public int documentsWaiting() {
        return queue.waiting(false);
    }

    /** Ends the threads and frees the model. Callers that still wait get a {@link CancellationException}. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        queue.close().forEach(job -> job.vector().cancel(false));
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                if (!thread.join(CLOSE_PATIENCE)) {
                    LOG.warn(
                            "{} is still computing; its model session is left to the end of the process",
                            thread.getName());
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        sessions.forEach(ModelSession::close);
        tokenizer.close();
    }

    private List<float[]> embed(EmbeddingQueue.Request request) throws InterruptedException {
        queue.add(request);
        List<float[]> vectors = new ArrayList<>(request.jobs().size());
        try {
            if (Thread.interrupted()) {
                // A vector that is there already would be returned without looking.
                throw new InterruptedException("the embedding was cancelled");
            }
            for (EmbeddingQueue.Job job : request.jobs()) {
                vectors.add(job.vector().get());
            }
            return vectors;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PenstockException known) {
                throw known;
            }
            throw new PenstockException(ErrorCode.INTERNAL, "A text could not be embedded: " + e.getCause() + ".", e);
        } finally {
            if (vectors.size() < request.jobs().size()) {
                queue.remove(request); // nobody waits for the rest
            }
        }
    }

    private void start() {
        for (int i = 0; i < sessions.size(); i++) {
            ModelSession session = sessions.get(i);
            threads.add(Thread.ofPlatform()
                    .name("penstock-embedder-" + i)
                    .daemon(true)
                    .start(() -> serve(session)));
        }
    }

    private void serve(ModelSession session) {
        try {
            while (!closed) {
                EmbeddingQueue.Job job = queue.take();
                embed(job, session);
            }
        } catch (InterruptedException e) {
            // close() ends the thread this way; nothing is left to do.
            LOG.debug("{} ends", Thread.currentThread().getName());
        }
    }

    private void embed(EmbeddingQueue.Job job, ModelSession session) {
        try {
            Encoding encoding = tokenizer.encode(job.text());
            float[] vector = session.embed(encoding);
            texts.increment();
            tokens.add(encoding.getIds().length);
            job.vector().complete(vector);
        } catch (RuntimeException | Error e) {
            job.vector().completeExceptionally(e);
        } finally {
            queue.done(job);
        }
    }

    /**
     * Starts ONNX Runtime on a large stack: with a command line of 30 KB, version 1.29 ended the process by a segmentation fault
     * when it started on a stack of 4 MiB, and did not on 8 MiB.
     */
    private static OrtEnvironment environment() {
        FutureTask<OrtEnvironment> start = new FutureTask<>(() -> {
            OrtEnvironment environment =
                    OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "penstock");
            environment.setTelemetry(false);
            return environment;
        });
        Thread thread = new Thread(null, start, "penstock-onnx-start", START_STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        try {
            return start.get();
        } catch (ExecutionException e) {
            throw new PenstockException(
                    ErrorCode.MODEL_INVALID,
                    "ONNX Runtime cannot be loaded on this platform: " + e.getCause() + ".",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PenstockException(
                    ErrorCode.MODEL_INVALID, "The start was interrupted while ONNX Runtime was loaded.", e);
        }
    }

    private final class QueryView implements Embedder {
        @Override
        public float[] embed(String text) throws InterruptedException {
            return OnnxEmbedder.this
                    .embed(EmbeddingQueue.Request.question(List.of(text)))
                    .getFirst();
        }

        @Override
        public List<float[]> embedAll(List<String> these) throws InterruptedException {
            return OnnxEmbedder.this.embed(EmbeddingQueue.Request.question(these));
        }

        @Override
        public int dimension() {
            return dimension;
        }

        @Override
        public String fingerprint() {
            return fingerprint;
        }

        @Override
        public int countTokens(String text) {
            return OnnxEmbedder.this.countTokens(text);
        }

        @Override
        public int maxTokens() {
            return maxTokens;
        }
    }
}
