package io.penstock.answer;

import io.penstock.schema.Citation;
import java.util.List;
import java.util.stream.IntStream;

/** Makes citations of passages. */
final class Citations {
    private Citations() {}

    /** One of each, by the number that a language model is given it under: from 1. */
    static List<Citation> of(List<Passage> passages) {
        return IntStream.range(0, passages.size())
                .mapToObj(i -> of(i + 1, passages.get(i)))
                .toList();
    }

    static Citation of(int n, Passage passage) {
        return Citation.newBuilder()
                .setN(n)
                .setTopic(passage.topic())
                .setSegment(passage.segment())
                .setProcessor(passage.processor())
                .setItem(passage.item())
                .setLabel(passage.label())
                .setUri(passage.uri())
                .setText(passage.text())
                .setStart(passage.start())
                .setEnd(passage.end())
                .setScore(passage.score())
                .build();
    }
}
