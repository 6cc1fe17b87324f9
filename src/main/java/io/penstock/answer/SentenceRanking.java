package io.penstock.answer;

import io.penstock.embedding.Embedder;
import io.penstock.embedding.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Ranks the sentences of retrieved passages by how likely they hold the answer: cosine of question and sentence, plus the
 * share of the question's words (weighted by their rarity among the sentences) that the sentence or its passage's label holds,
 * plus 0.3 of the passage's score relative to the best one, plus 0.1 when the sentence holds the kind of words asked for.
 */
final class SentenceRanking {
    /** Sentences that are compared with the question by embedding; the rest is left out by the cheaper measures. */
    static final int EMBEDDED = 24;

    private static final double PASSAGE_WEIGHT = 0.3;
    private static final double TYPE_WEIGHT = 0.1;
    private static final double OVERLAP_IN_EVIDENCE = 0.4;

    /** A heading of Markdown on a line of its own. */
    private static final Pattern HEADING = Pattern.compile("#{1,6} [^\\n]*");

    private final Embedder embedder;
    private final Terms terms = new Terms();

    SentenceRanking(Embedder embedder) {
        this.embedder = embedder;
    }

    /**
     * A sentence with what speaks for it.
     *
     * @param sentence its offsets count from the start of the passage
     * @param cosine -1 to 1
     * @param overlap 0 to 1
     * @param score what sentences are ranked by
     */
    record Ranked(Passage passage, Sentence sentence, double cosine, double overlap, double score) {
        /** How far the sentence is about the question at all, apart from what else was found. */
        double evidence() {
            return cosine + OVERLAP_IN_EVIDENCE * overlap;
        }
    }

    private record Candidate(Passage passage, Sentence sentence, Set<String> words, double passageScore) {}

    /** The sentences, best first. */
    List<Ranked> rank(String question, List<Passage> passages) throws InterruptedException {
        List<Candidate> candidates = candidates(passages);
        if (candidates.isEmpty()) {
            return List.of();
        }
        Map<String, Double> weights = weights(terms.of(question), candidates);
        AnswerType type = AnswerType.of(question);
        List<Ranked> ranked = candidates.stream()
                .map(candidate -> score(candidate, 0, overlap(candidate, weights), type))
                .sorted(Comparator.comparingDouble(Ranked::score).reversed())
                .limit(EMBEDDED)
                .toList();
        List<String> texts = new ArrayList<>(List.of(question));
        ranked.forEach(one -> texts.add(one.sentence().text()));
        List<float[]> vectors = embedder.embedAll(texts);
        List<Ranked> embedded = new ArrayList<>();
        for (int i = 0; i < ranked.size(); i++) {
            Ranked one = ranked.get(i);
            double cosine = Vectors.dot(vectors.getFirst(), vectors.get(i + 1));
            embedded.add(new Ranked(one.passage(), one.sentence(), cosine, one.overlap(), one.score() + cosine));
        }
        embedded.sort(Comparator.comparingDouble(Ranked::score).reversed());
        return embedded;
    }

    private List<Candidate> candidates(List<Passage> passages) {
        double best = passages.stream().mapToDouble(Passage::score).max().orElse(0);
        List<Candidate> candidates = new ArrayList<>();
        for (Passage passage : passages) {
            double relative = best > 0 ? Math.max(0, passage.score() / best) : 0;
            Set<String> context = terms.of(passage.label());
            Set<String> heading = Set.of();
            for (Sentence sentence : SentenceSplitter.split(passage.text())) {
                if (HEADING.matcher(sentence.text()).matches()) {
                    heading = terms.of(sentence.text()); // says what follows is about, and is no answer itself
                    continue;
                }
                Set<String> words = new HashSet<>(terms.of(sentence.text()));
                words.addAll(context);
                words.addAll(heading);
                candidates.add(new Candidate(passage, sentence, words, relative));
            }
        }
        return candidates;
    }

    /** Weight of each word of the question: ln(1 + n / (0.5 + df)) over the n candidate sentences. */
    private static Map<String, Double> weights(Set<String> question, List<Candidate> candidates) {
        Map<String, Double> weights = new HashMap<>();
        for (String word : question) {
            long df = candidates.stream()
                    .filter(candidate -> candidate.words().contains(word))
                    .count();
            weights.put(word, Math.log1p(candidates.size() / (0.5 + df)));
        }
        return weights;
    }

    private static double overlap(Candidate candidate, Map<String, Double> weights) {
        double total = 0;
        double shared = 0;
        for (Map.Entry<String, Double> word : weights.entrySet()) {
            total += word.getValue();
            if (candidate.words().contains(word.getKey())) {
                shared += word.getValue();
            }
        }
        return total > 0 ? shared / total : 0;
    }

    private static Ranked score(Candidate candidate, double cosine, double overlap, AnswerType type) {
        double prior = type.isIn(candidate.sentence().text()) ? TYPE_WEIGHT : 0;
        double score = cosine + overlap + PASSAGE_WEIGHT * candidate.passageScore() + prior;
        return new Ranked(candidate.passage(), candidate.sentence(), cosine, overlap, score);
    }
}
