package io.penstock.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.penstock.vector.HybridFusion.Ranked;
import io.penstock.vector.ShardHits.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;

class HybridFusionTest {
    private static final HybridFusion FUSION = new HybridFusion(0.4, 100);

    @Test
    void shouldAddTheWeightedSharesOfBothLists() {
        List<Ranked> ranked = FUSION.rank(
                SearchMode.HYBRID,
                List.of(
                        new Candidate("both", 0.6, 5, true, true),
                        new Candidate("near", 0.8, 0, true, false),
                        new Candidate("last", 0.4, 0, true, false),
                        new Candidate("words", 0.1, 10, false, true)));

        assertThat(ranked).extracting(hit -> hit.candidate().id()).containsExactly("words", "both", "near", "last");
        // 0.6 * 10/10; 0.4 * (0.6 - 0.4)/(0.8 - 0.4) + 0.6 * 5/10; 0.4 * 1; 0
        assertThat(scores(ranked)).hasSize(4);
        assertThat(ranked.get(0).score()).isCloseTo(0.6, within(1e-9));
        assertThat(ranked.get(1).score()).isCloseTo(0.5, within(1e-9));
        assertThat(ranked.get(2).score()).isCloseTo(0.4, within(1e-9));
        assertThat(ranked.get(3).score()).isCloseTo(0.0, within(1e-9));
    }

    @Test
    void shouldOrderByThePlacesInBothListsAlone() {
        List<Ranked> ranked = FUSION.rank(
                SearchMode.HYBRID,
                Fusion.RANK,
                List.of(
                        new Candidate("first of one", 0.9, 0, true, false),
                        new Candidate("second of both", 0.8, 1, true, true),
                        new Candidate("first of the other", 0.1, 50, false, true)));

        assertThat(ranked)
                .extracting(hit -> hit.candidate().id())
                .containsExactly("second of both", "first of one", "first of the other");
        assertThat(ranked.getFirst().score()).isCloseTo(61.0 / 62, within(1e-9));
        assertThat(ranked.getLast().score()).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void shouldMeasureAgainstTheLeastCosineOfTheListOverAllShards() {
        HybridFusion two = new HybridFusion(0.4, 2);
        List<Ranked> ranked = two.rank(
                SearchMode.HYBRID,
                List.of(
                        new Candidate("a", 0.9, 0, true, false),
                        new Candidate("b", 0.5, 0, true, false),
                        new Candidate("c", 0.3, 7, true, true)));

        // c is third by cosine, beyond the list of two: it has only what BM25 gives.
        assertThat(ranked).extracting(hit -> hit.candidate().id()).containsExactly("c", "a", "b");
        assertThat(scores(ranked)).containsExactly(0.6, 0.4, 0.0);
    }

    @Test
    void shouldRankByOneMeasureWhenTheModeIsNotHybrid() {
        List<Candidate> all = List.of(
                new Candidate("x", 0.2, 9, false, true),
                new Candidate("y", 0.7, 0, true, false),
                new Candidate("z", 0.5, 3, true, true));

        assertThat(FUSION.rank(SearchMode.DENSE, all))
                .extracting(hit -> hit.candidate().id())
                .containsExactly("y", "z");
        assertThat(scores(FUSION.rank(SearchMode.DENSE, all))).containsExactly(0.7, 0.5);
        assertThat(FUSION.rank(SearchMode.LEXICAL, all))
                .extracting(hit -> hit.candidate().id())
                .containsExactly("x", "z");
        assertThat(scores(FUSION.rank(SearchMode.LEXICAL, all))).containsExactly(9.0, 3.0);
    }

    @Test
    void shouldCountASoleCandidateAsTheBest() {
        assertThat(scores(FUSION.rank(SearchMode.HYBRID, List.of(new Candidate("a", 0.3, 2, true, true)))))
                .containsExactly(1.0);
        assertThat(scores(FUSION.rank(SearchMode.HYBRID, List.of(new Candidate("a", 0.3, 0, true, false)))))
                .containsExactly(0.4);
        assertThat(scores(FUSION.rank(SearchMode.HYBRID, List.of(new Candidate("a", 0.3, 2, false, true)))))
                .containsExactly(0.6);
        assertThat(FUSION.rank(SearchMode.HYBRID, List.of())).isEmpty();
    }

    @Test
    void shouldOrderEqualScoresByCosineAndThenById() {
        List<Ranked> ranked = FUSION.rank(
                SearchMode.LEXICAL,
                List.of(
                        new Candidate("c", 0.1, 4, false, true),
                        new Candidate("b", 0.1, 4, false, true),
                        new Candidate("a", 0.0, 4, false, true),
                        new Candidate("d", 0.9, 4, false, true)));

        assertThat(ranked).extracting(hit -> hit.candidate().id()).containsExactly("d", "b", "c", "a");
    }

    private static List<Double> scores(List<Ranked> ranked) {
        return ranked.stream().map(hit -> Math.round(hit.score() * 1e9) / 1e9).toList();
    }
}
