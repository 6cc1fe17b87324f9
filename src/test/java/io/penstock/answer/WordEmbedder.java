package io.penstock.answer;

import io.penstock.embedding.Embedder;
import java.util.Locale;

/** Embeds texts by the words they hold: texts that share words are near to each other, others are not. */
public final class WordEmbedder implements Embedder {
    private static final int DIMENSION = 512;

    @Override
    public float[] embed(String text) {
        float[] vector = new float[DIMENSION];
        for (String word : text.toLowerCase(Locale.ROOT).split("\\W+", -1)) {
            if (word.length() > 3) {
                vector[Math.floorMod(word.hashCode() * 0x9E3779B9, DIMENSION)] += 1;
            }
        }
        double norm = 0;
        for (float one : vector) {
            norm += (double) one * one;
        }
        for (int i = 0; i < DIMENSION && norm > 0; i++) {
            vector[i] /= (float) Math.sqrt(norm);
        }
        return vector;
    }

    @Override
    public int dimension() {
        return DIMENSION;
    }

    @Override
    public String fingerprint() {
        return "words";
    }

    @Override
    public int countTokens(String text) {
        return text.split("\\s+", -1).length + 2;
    }

    @Override
    public int maxTokens() {
        return 256;
    }
}
