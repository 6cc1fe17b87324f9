package io.penstock.enrich;

import io.penstock.embedding.Embedder;
import io.penstock.schema.LabelDefinition;
import io.penstock.schema.LabelScore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives a text the labels whose {@code name: description} is near to it by embedding. Only the beginning of a long text counts,
 * as much of it as the model reads at once. May be used from any thread.
 */
public final class Labeller {
    /** More than this many characters never fit into a token on average, so the rest need not be tokenised. */
    private static final int CHARACTERS_PER_TOKEN = 12;

    /** Descriptions come from processor configs, of which there are few; a bound all the same. */
    private static final int MAX_CACHED = 10_000;

    private final Embedder embedder;
    private final double threshold;
    private final Map<String, float[]> descriptions = new ConcurrentHashMap<>();

    /** @param threshold least cosine similarity of text and description */
    public Labeller(Embedder embedder, double threshold) {
        this.embedder = embedder;
        this.threshold = threshold;
    }

    /** Labels that fit, best first. */
    public List<LabelScore> label(String text, List<LabelDefinition> definitions) throws InterruptedException {
        if (definitions.isEmpty()) {
            return List.of();
        }
        int characters = (int) Math.min(text.length(), (long) embedder.maxTokens() * CHARACTERS_PER_TOKEN);
        float[] embedded = embedder.embed(text.substring(0, characters));
        List<LabelScore> labels = new ArrayList<>();
        for (LabelDefinition definition : definitions) {
            double score = cosine(embedded, description(definition));
            if (score >= threshold) {
                labels.add(LabelScore.newBuilder()
                        .setName(definition.getName())
                        .setScore(score)
                        .build());
            }
        }
        labels.sort(Comparator.comparingDouble(LabelScore::getScore).reversed());
        return labels;
    }

    private float[] description(LabelDefinition definition) throws InterruptedException {
        String text = definition.getName() + ": " + definition.getDescription();
        float[] known = descriptions.get(text);
        if (known == null) {
            known = embedder.embed(text);
            if (descriptions.size() >= MAX_CACHED) {
                descriptions.clear();
            }
            descriptions.put(text, known);
        }
        return known;
    }

    private static double cosine(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
