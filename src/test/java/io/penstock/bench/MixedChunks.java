package io.penstock.bench;

import io.penstock.bench.RealTexts.Document;
import io.penstock.embedding.Embedder;
import io.penstock.embedding.Vectors;
import io.penstock.schema.Chunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * As many chunks as are wanted, mixed from real ones: the text of each is half of one paragraph and half of another, and its vector
 * lies between theirs, with a little noise. The same number always gives the same chunk.
 *
 * @param texts real texts, with their vectors beside
 * @param questions real questions, with their vectors beside
 */
record MixedChunks(
        List<String> texts,
        List<float[]> vectors,
        List<String> questions,
        List<float[]> questionVectors,
        String model) {
    private static final int TEXTS = 600;
    private static final int WORDS = 60;
    private static final int QUESTIONS = 200;
    private static final double NOISE = 0.01;
    /** One in so many is in the segment that filters ask for. */
    static final int RARE_EVERY = 20;

    static final String TOPIC = "bench";
    static final String RARE = "rare";

    /** Embeds real paragraphs and questions. */
    static MixedChunks of(Embedder embedder) throws IOException, InterruptedException {
        List<String> texts = new ArrayList<>();
        for (Document paragraph : spread(RealTexts.paragraphs(), TEXTS)) {
            String[] words = paragraph.text().split(" ");
            texts.add(String.join(" ", Arrays.copyOf(words, Math.min(words.length, WORDS))));
        }
        List<String> questions = spread(RealTexts.questions(), QUESTIONS);
        return new MixedChunks(
                texts, embedder.embedAll(texts), questions, embedder.embedAll(questions), embedder.fingerprint());
    }

    private static <T> List<T> spread(List<T> all, int count) {
        List<T> some = new ArrayList<>();
        for (int i = 0; i < Math.min(count, all.size()); i++) {
            some.add(all.get((int) ((long) i * all.size() / Math.min(count, all.size()))));
        }
        return some;
    }

    float[] vector(int number) {
        Random random = new Random(number);
        float[] one = vectors.get(random.nextInt(vectors.size()));
        float[] other = vectors.get(random.nextInt(vectors.size()));
        double share = 0.3 + 0.4 * random.nextDouble();
        float[] mixed = new float[one.length];
        double squares = 0;
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = (float) (share * one[i] + (1 - share) * other[i] + NOISE * random.nextGaussian());
            squares += (double) mixed[i] * mixed[i];
        }
        double length = Math.sqrt(squares);
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = (float) (mixed[i] / length);
        }
        return mixed;
    }

    private String text(int number) {
        Random random = new Random(number);
        String one = texts.get(random.nextInt(texts.size()));
        String other = texts.get(random.nextInt(texts.size()));
        return one.substring(0, one.length() / 2) + " " + other.substring(other.length() / 2);
    }

    String id(int number) {
        return recordId(number) + "#" + model + "#" + number + "#0";
    }

    private static String recordId(int number) {
        return TOPIC + "/" + segment(number) + "/texts/" + number;
    }

    static String segment(int number) {
        return number % RARE_EVERY == 0 ? RARE : "common";
    }

    Chunk chunk(int number) {
        String text = text(number);
        return Chunk.newBuilder()
                .setRecordId(recordId(number))
                .setTopic(TOPIC)
                .setSegment(segment(number))
                .setProcessor("texts")
                .setItem(Integer.toString(number))
                .setLabel("Text " + number)
                .setUri("bench:" + number)
                .setLanguage("en")
                .setText(text)
                .setStart(0)
                .setEnd(text.length())
                .setOrdinal(0)
                .setEmbedding(Vectors.encode(vector(number)))
                .setModel(model)
                .build();
    }

    /** The numbers of the nearest to a question among the first so many, found by looking at each. */
    List<Integer> nearest(float[][] all, float[] question, int k, boolean rareOnly) {
        TreeMap<Double, Integer> best = new TreeMap<>();
        for (int number = 0; number < all.length; number += rareOnly ? RARE_EVERY : 1) {
            double cosine = Vectors.dot(all[number], question);
            if (best.size() < k || cosine > best.firstKey()) {
                best.put(cosine, number);
                if (best.size() > k) {
                    best.pollFirstEntry();
                }
            }
        }
        return List.copyOf(best.descendingMap().values());
    }
}
