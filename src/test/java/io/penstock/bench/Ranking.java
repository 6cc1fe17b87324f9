package io.penstock.bench;

import io.penstock.bench.RealTexts.Asked;
import java.util.ArrayList;
import java.util.List;

/** Where one way to search has put what was asked for, question by question. */
final class Ranking {
    private static final int NOWHERE = Integer.MAX_VALUE;

    private final List<Integer> ofItems = new ArrayList<>();
    private final List<Integer> ofAnswers = new ArrayList<>();

    /** A passage that was found. */
    record Hit(String item, String text) {}

    /** Takes the hits of the next question, best first. */
    void add(Asked question, List<Hit> hits) {
        int item = NOWHERE;
        int answer = NOWHERE;
        for (int i = hits.size() - 1; i >= 0; i--) {
            item = hits.get(i).item().equals(question.item()) ? i + 1 : item;
            answer = GoldAnswers.areIn(hits.get(i).text(), question.answers()) ? i + 1 : answer;
        }
        ofItems.add(item);
        ofAnswers.add(answer);
    }

    /** For each question, whether a passage of the right item is among the first so many. */
    List<Boolean> found(int cut) {
        return ofItems.stream().map(rank -> rank <= cut).toList();
    }

    /** Share of the questions for which a passage of the right item is among the first so many. */
    double recall(int cut) {
        return share(ofItems, cut);
    }

    /** Share of the questions for which a passage that holds an answer is among the first so many, of whatever item. */
    double answers(int cut) {
        return share(ofAnswers, cut);
    }

    private static double share(List<Integer> ranks, int cut) {
        return ranks.stream().filter(rank -> rank <= cut).count() / (double) ranks.size();
    }
}
