package io.penstock.answer;

import io.penstock.schema.Citation;

/** Makes citations of passages. */
final class Citations {
    private Citations() {}

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
