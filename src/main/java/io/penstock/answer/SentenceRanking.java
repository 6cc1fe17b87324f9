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
 * plus 0.5 of the passage's score relative to the best one, plus 0.2 when the sentence holds the kind of words asked for. Words
 * of the sentence before count in part, as sentences go on from each other, and more when the sentence begins with a word that
 * points back.
 */
final class SentenceRanking {
    /** Sentences that are compared with the question by embedding; the rest is left out by the cheaper measures. */
    static final int EMBEDDED = 24;

    private static final double PASSAGE_WEIGHT = 0.5;
    private static final double TYPE_WEIGHT = 0.2;
    private static final double WORDS_BEFORE = 0.3;
    private static final double WORDS_POINTED_BACK_TO = 0.8;
    private static final double OVERLAP_IN_EVIDENCE = 0.4;

    /** A heading of Markdown on a line of its own. */
    private static final Pattern HEADING = Pattern.compile("#{1,6} [^\\n]*");

    /** "He was", "This led to", "As such": what the sentence is about was named before. */
    private static final Pattern POINTS_BACK = Pattern.compile(
            "(he|she|it|they|him|them|his|her|hers|its|their|theirs|this|that|these|those|such|there|as such|most of (them|these)"
                    + "|another|the (former|latter|same))\\b",
            Pattern.CASE_INSENSITIVE);

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
     * @param overlap 0 to 1; of its own words
     * @param score what sentences are ranked by
     */
    record Ranked(Passage passage, Sentence sentence, double cosine, double overlap, double score) {
        /** How far the sentence is about the question at all, apart from what else was found. */
        double evidence() {
            return cosine + OVERLAP_IN_EVIDENCE * overlap;
        }
    }

    /**
     * @param words its own, those of its label and its heading
     * @param before those of the sentence before
     */
    private record Candidate(
            Passage passage, Sentence sentence, Set<String> words, Set<String> before, double passageScore) {
        double shareBefore() {
            return POINTS_BACK.matcher(sentence.text()).lookingAt() ? WORDS_POINTED_BACK_TO : WORDS_BEFORE;
        }
    }

    /** The sentences, best first. */
    List<Ranked> rank(String question, List<Passage> passages) throws InterruptedException {
        List<Candidate> candidates = candidates(passages);
        if (candidates.isEmpty()) {
            return List.of();
        }
        Map<String, Double> weights = weights(terms.of(question), candidates);
        AnswerType type = AnswerType.of(question);
        List<Ranked> ranked = candidates.stream()
                .map(candidate -> score(candidate, weights, type))
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
            Set<String> before = Set.of();
            for (Sentence sentence : SentenceSplitter.split(passage.text())) {
                if (HEADING.matcher(sentence.text()).matches()) {
                    heading = terms.of(sentence.text()); // says what follows is about, and is no answer itself
                    before = Set.of();
                    continue;
                }
                Set<String> own = terms.of(sentence.text());
                Set<String> words = new HashSet<>(own);
                words.addAll(context);
                words.addAll(heading);
                candidates.add(new Candidate(passage, sentence, words, before, relative));
                before = own;
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

    /** @param shareBefore of a word's weight that counts when only the sentence before holds it */
    private static double overlap(Candidate candidate, Map<String, Double> weights, double shareBefore) {
        double total = 0;
        double shared = 0;
        for (Map.Entry<String, Double> word : weights.entrySet()) {
            total += word.getValue();
            if (candidate.words().contains(word.getKey())) {
                shared += word.getValue();
            } else if (candidate.before().contains(word.getKey())) {
                shared += shareBefore * word.getValue();
            }
        }
        return total > 0 ? shared / total : 0;
    }

    /** Without the cosine, which is added for those that come into question. */
    private static Ranked score(Candidate candidate, Map<String, Double> weights, AnswerType type) {
        double prior = type.isIn(candidate.sentence().text()) ? TYPE_WEIGHT : 0;
        double score = overlap(candidate, weights, candidate.shareBefore())
                + PASSAGE_WEIGHT * candidate.passageScore()
                + prior;
        return new Ranked(candidate.passage(), candidate.sentence(), 0, overlap(candidate, weights, 0), score);
    }
}
