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
 * points back. Of a question that points back itself, words of the questions before count half, and what was quoted in the reply
 * before loses 0.2.
 */
final class SentenceRanking {
    /** Sentences that are compared with the question by embedding; the rest is left out by the cheaper measures. */
    static final int EMBEDDED = 24;

    private static final double PASSAGE_WEIGHT = 0.5;
    private static final double TYPE_WEIGHT = 0.2;
    private static final double WORDS_BEFORE = 0.3;
    private static final double WORDS_POINTED_BACK_TO = 0.8;
    private static final double WORDS_OF_CONTEXT = 0.5;
    private static final double SAID_WEIGHT = 0.2;
    private static final double OVERLAP_IN_EVIDENCE = 0.4;
    private static final double COVERAGE_IN_EVIDENCE = 0.4;

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
     * @param coverage 0 to 1; the same of all words of its passage
     * @param score what sentences are ranked by
     */
    record Ranked(Passage passage, Sentence sentence, double cosine, double overlap, double coverage, double score) {
        /** How far the sentence and its passage are about the question at all, apart from what else was found. */
        double evidence() {
            return cosine + OVERLAP_IN_EVIDENCE * overlap + COVERAGE_IN_EVIDENCE * coverage;
        }
    }

    /**
     * @param words its own, those of its label and its heading
     * @param before those of the sentence before
     * @param around those of the whole passage, its label and headings
     */
    private record Candidate(
            Passage passage,
            Sentence sentence,
            Set<String> words,
            Set<String> before,
            Set<String> around,
            double passageScore) {
        double shareBefore() {
            return POINTS_BACK.matcher(sentence.text()).lookingAt() ? WORDS_POINTED_BACK_TO : WORDS_BEFORE;
        }
    }

    /** The sentences, best first. */
    List<Ranked> rank(FollowUp question, List<Passage> passages) throws InterruptedException {
        List<Candidate> candidates = candidates(passages);
        if (candidates.isEmpty()) {
            return List.of();
        }
        Map<String, Double> weights = weights(question, candidates);
        AnswerType type = type(question);
        List<Ranked> ranked = candidates.stream()
                .map(candidate -> score(candidate, weights, type, question.said()))
                .sorted(Comparator.comparingDouble(Ranked::score).reversed())
                .limit(EMBEDDED)
                .toList();
        List<String> texts = new ArrayList<>(List.of(question.query()));
        ranked.forEach(one -> texts.add(one.sentence().text()));
        List<float[]> vectors = embedder.embedAll(texts);
        List<Ranked> embedded = new ArrayList<>();
        for (int i = 0; i < ranked.size(); i++) {
            Ranked one = ranked.get(i);
            double cosine = Vectors.dot(vectors.getFirst(), vectors.get(i + 1));
            embedded.add(new Ranked(
                    one.passage(), one.sentence(), cosine, one.overlap(), one.coverage(), one.score() + cosine));
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
            Set<String> around = new HashSet<>(context);
            Set<String> heading = Set.of();
            Set<String> before = Set.of();
            for (Sentence sentence : SentenceSplitter.split(passage.text())) {
                Set<String> own = terms.of(sentence.text());
                around.addAll(own);
                if (HEADING.matcher(sentence.text()).matches()) {
                    heading = own; // says what follows is about, and is no answer itself
                    before = Set.of();
                    continue;
                }
                Set<String> words = new HashSet<>(own);
                words.addAll(context);
                words.addAll(heading);
                candidates.add(new Candidate(passage, sentence, words, before, around, relative));
                before = own;
            }
        }
        return candidates;
    }

    /**
     * Weight of each word of the question: ln(1 + n / (0.5 + df)) over the n candidate sentences, and a part of that for words
     * that only its context holds.
     */
    private Map<String, Double> weights(FollowUp question, List<Candidate> candidates) {
        Map<String, Double> weights = new HashMap<>();
        Set<String> own = terms.of(question.question());
        for (String word : terms.of(question.query())) {
            long df = candidates.stream()
                    .filter(candidate -> candidate.words().contains(word))
                    .count();
            double rarity = Math.log1p(candidates.size() / (0.5 + df));
            weights.put(word, own.contains(word) ? rarity : WORDS_OF_CONTEXT * rarity);
        }
        return weights;
    }

    /** "And in 1998?" asks for what the question before it asked for. */
    private static AnswerType type(FollowUp question) {
        AnswerType own = AnswerType.of(question.question());
        return own == AnswerType.ANY ? AnswerType.of(question.context()) : own;
    }

    /**
     * The share of the question's weight that words hold.
     *
     * @param weaker words that count in part
     * @param part how much they count
     */
    private static double share(Map<String, Double> weights, Set<String> words, Set<String> weaker, double part) {
        double total = 0;
        double shared = 0;
        for (Map.Entry<String, Double> word : weights.entrySet()) {
            total += word.getValue();
            if (words.contains(word.getKey())) {
                shared += word.getValue();
            } else if (weaker.contains(word.getKey())) {
                shared += part * word.getValue();
            }
        }
        return total > 0 ? shared / total : 0;
    }

    /** Without the cosine, which is added for those that come into question. */
    private static Ranked score(Candidate candidate, Map<String, Double> weights, AnswerType type, String said) {
        double prior = type.isIn(candidate.sentence().text()) ? TYPE_WEIGHT : 0;
        double known = said.contains(candidate.sentence().onOneLine()) ? SAID_WEIGHT : 0;
        double score = share(weights, candidate.words(), candidate.before(), candidate.shareBefore())
                + PASSAGE_WEIGHT * candidate.passageScore()
                + prior
                - known;
        double overlap = share(weights, candidate.words(), Set.of(), 0);
        double coverage = share(weights, candidate.around(), Set.of(), 0);
        return new Ranked(candidate.passage(), candidate.sentence(), 0, overlap, coverage, score);
    }
}
