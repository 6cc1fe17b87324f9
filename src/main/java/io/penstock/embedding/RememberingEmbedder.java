package io.penstock.embedding;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Embeds no text again whose vector it still knows: the sentences of what is found are compared with one question after another.
 * What is asked for least is forgotten first. Texts are known by their SHA-256 only, so that none stays in memory that was deleted
 * elsewhere.
 *
 * <p><b>Threading.</b> May be called from any thread. Two that ask for the same unknown text at the same time may both have it
 * embedded. The vectors are shared: nobody may write to them.
 */
final class RememberingEmbedder implements Embedder {
    private static final int BYTES_OF_AN_ENTRY = 200;

    private final Embedder embedder;
    private final Cache<ByteBuffer, float[]> known;
    private final LongAdder remembered = new LongAdder();

    /** @param bytes that the vectors may take, with all that keeps them */
    RememberingEmbedder(Embedder embedder, long bytes) {
        this.embedder = embedder;
        this.known = Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((ByteBuffer _, float[] vector) -> BYTES_OF_AN_ENTRY + Float.BYTES * vector.length)
                .executor(Runnable::run)
                .build();
    }

    @Override
    public float[] embed(String text) throws InterruptedException {
        return embedAll(List.of(text)).getFirst();
    }

    @Override
    public List<float[]> embedAll(List<String> texts) throws InterruptedException {
        if (Thread.interrupted()) {
            // What is known would be returned without looking.
            throw new InterruptedException("the embedding was cancelled");
        }
        List<ByteBuffer> keys = texts.stream().map(RememberingEmbedder::key).toList();
        Map<ByteBuffer, float[]> vectors = new LinkedHashMap<>(known.getAllPresent(keys));
        Map<ByteBuffer, String> unknown = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            if (!vectors.containsKey(keys.get(i))) {
                unknown.put(keys.get(i), texts.get(i));
            }
        }
        remembered.add(texts.size() - unknown.size());
        if (!unknown.isEmpty()) {
            List<float[]> embedded = embedder.embedAll(List.copyOf(unknown.values()));
            int next = 0;
            for (ByteBuffer key : unknown.keySet()) {
                float[] vector = embedded.get(next++);
                known.put(key, vector);
                vectors.put(key, vector);
            }
        }
        List<float[]> inOrder = new ArrayList<>(keys.size());
        keys.forEach(key -> inOrder.add(Objects.requireNonNull(vectors.get(key))));
        return inOrder;
    }

    /** Texts that did not need to be embedded, because they were known or the same call held them twice. */
    long remembered() {
        return remembered.sum();
    }

    private static ByteBuffer key(String text) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256")
                    .digest(TextTokenizer.wellFormed(text).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each Java platform has it
        }
    }

    @Override
    public int dimension() {
        return embedder.dimension();
    }

    @Override
    public String fingerprint() {
        return embedder.fingerprint();
    }

    @Override
    public int countTokens(String text) {
        return embedder.countTokens(text);
    }

    @Override
    public int maxTokens() {
        return embedder.maxTokens();
    }
}
