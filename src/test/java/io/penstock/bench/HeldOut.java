package io.penstock.bench;

import io.penstock.bench.RealTexts.Document;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Paragraphs of which some are held out in turns, so that questions about them cannot be answered from the others: whole titles,
 * or single paragraphs whose neighbours of the same title stay. Titles are in two halves, one to choose on and one to report on;
 * each group has about as many titles of either.
 */
final class HeldOut {
    private final List<Document> paragraphs;
    private final List<String> titles;
    private final int groups;
    private final Map<String, String> titleOf = new HashMap<>();
    private final Map<String, Integer> placeInTitle = new HashMap<>();

    /** Which titles a question is about. */
    enum Half {
        CHOOSING,
        REPORTED
    }

    /** What is missing. */
    enum Missing {
        TITLES,
        PARAGRAPHS
    }

    /** @param groups how many there are, of titles and of paragraphs */
    HeldOut(List<Document> paragraphs, int groups) {
        this.paragraphs = paragraphs;
        this.groups = groups;
        Map<String, Integer> counts = new HashMap<>();
        for (Document paragraph : paragraphs) {
            titleOf.put(paragraph.item(), paragraph.label());
            placeInTitle.put(paragraph.item(), counts.merge(paragraph.label(), 1, Integer::sum) - 1);
        }
        this.titles = List.copyOf(new TreeSet<>(counts.keySet()));
    }

    int groups() {
        return groups;
    }

    int titles() {
        return titles.size();
    }

    Half half(String item) {
        return place(item) % 2 == 0 ? Half.CHOOSING : Half.REPORTED;
    }

    /** The group that is held out together with a paragraph, from 0. */
    int group(String item, Missing missing) {
        return switch (missing) {
            case TITLES -> place(item) / 2 % groups;
            case PARAGRAPHS -> placeInTitle.getOrDefault(item, 0) % groups;
        };
    }

    /** The paragraphs that are known while a group is held out. */
    List<Document> known(int group, Missing missing) {
        List<Document> known = new ArrayList<>(paragraphs);
        known.removeIf(paragraph -> group(paragraph.item(), missing) == group);
        return List.copyOf(known);
    }

    private int place(String item) {
        int place = titles.indexOf(titleOf.get(item));
        if (place < 0) {
            throw new IllegalArgumentException("There is no paragraph '" + item + "'");
        }
        return place;
    }
}
