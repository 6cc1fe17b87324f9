package io.penstock.answer;

import io.penstock.embedding.Embedder;
import java.util.List;

/** How the extractive answerer judges whether passages hold the answer to a question, for whoever measures it. */
public final class Judged {
    /** The evidence from which it answers. */
    public static final double RELEVANT = ExtractiveAnswerer.RELEVANT;

    private final SentenceRanking ranking;

    public Judged(Embedder embedder) {
        this.ranking = new SentenceRanking(embedder);
    }

    /** The evidence for a question that stands alone; less than any threshold when there is none. */
    public double evidence(String question, List<Passage> passages) throws InterruptedException {
        return ranking.rank(FollowUp.of(question, List.of()), passages).stream()
                .limit(1)
                .mapToDouble(SentenceRanking.Ranked::evidence)
                .findFirst()
                .orElse(Double.NEGATIVE_INFINITY);
    }
}
