package io.penstock.ingest;

import io.penstock.embedding.Embedder;
import io.penstock.embedding.TestEmbedder;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The real model, with what was asked of it counted, and a limit and a fingerprint of choice. */
final class CountingEmbedder implements Embedder {
    private final Embedder model = TestEmbedder.shared();
    private final AtomicInteger embedded = new AtomicInteger();
    private final AtomicLong charactersCounted = new AtomicLong();
    private volatile String fingerprint;
    private volatile boolean broken;
    private final int maxTokens;

    CountingEmbedder() {
        this(TestEmbedder.shared().fingerprint(), TestEmbedder.shared().maxTokens());
    }

    CountingEmbedder(String fingerprint, int maxTokens) {
        this.fingerprint = fingerprint;
        this.maxTokens = maxTokens;
    }

    /** From now on it is another model, as far as its fingerprint says. */
    void become(String newFingerprint) {
        fingerprint = newFingerprint;
    }

    /** From now on nothing can be embedded. */
    void breakDown() {
        broken = true;
    }

    /** Texts embedded since this was last asked. */
    int takeEmbedded() {
        return embedded.getAndSet(0);
    }

    /** UTF-16 units whose tokens were counted. */
    long charactersCounted() {
        return charactersCounted.get();
    }

    @Override
    public float[] embed(String text) throws InterruptedException {
        if (broken) {
            throw new PenstockException(ErrorCode.MODEL_INVALID, "The model is broken.");
        }
        embedded.incrementAndGet();
        return model.embed(text);
    }

    @Override
    public int dimension() {
        return model.dimension();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public int countTokens(String text) {
        charactersCounted.addAndGet(text.length());
        return model.countTokens(text);
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }
}
