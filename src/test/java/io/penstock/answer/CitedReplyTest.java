package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.Citation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CitedReplyTest {
    private static final List<Passage> PASSAGES = List.of(passage("a"), passage("b"), passage("c"));

    @Test
    void shouldKeepTheNumbersThatTheModelWasGivenAndCiteInTheirOrder() {
        CitedReply reply = CitedReply.parse("It rose [3]. It fell [1, 3].", PASSAGES);

        assertThat(reply.text()).isEqualTo("It rose [3]. It fell [1][3].");
        assertThat(reply.citations()).extracting(Citation::getItem).containsExactly("a", "c");
        assertThat(reply.citations()).extracting(Citation::getN).containsExactly(1, 3);
    }

    @Test
    void shouldTakeOutMarksOfNoPassage() {
        CitedReply reply = CitedReply.parse("It rose [7]. It fell [0][2].", PASSAGES);

        assertThat(reply.text()).isEqualTo("It rose. It fell [2].");
        assertThat(reply.citations()).extracting(Citation::getItem).containsExactly("b");
    }

    @Test
    void shouldSayThatNothingIsKnownWhenTheModelDoes() {
        for (String written : List.of("NOT_KNOWN", "\"NOT_KNOWN\".", "NOT_KNOWN [1]")) {
            CitedReply reply = CitedReply.parse(written, PASSAGES);
            assertThat(reply.answered()).isFalse();
            assertThat(reply.citations()).isEmpty();
            assertThat(reply.text()).doesNotContain("NOT_KNOWN");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u6587\u4ef6\u6ca1\u6709\u5199 NOT_KNOWN\u3002[1]",
                "\u041d\u0435\u0442 NOT_KNOWN [1]",
                "NOT_KNOWN\u044b\u0435 [1]",
                "\u0939\u093f NOT_KNOWN [1]"
            })
    void shouldTakeAnAnswerOfAnyScriptForOne(String written) {
        assertThat(CitedReply.parse(written, PASSAGES).answered()).isTrue();
    }

    @Test
    void shouldSayThatNothingIsKnownWhateverMarksAreBefore() {
        assertThat(CitedReply.parse("\u300cNOT_KNOWN\u300d\u3002", PASSAGES).answered())
                .isFalse();
    }

    @Test
    void shouldKeepAnAnswerWithoutMarks() {
        CitedReply reply = CitedReply.parse("It rose.", PASSAGES);

        assertThat(reply).isEqualTo(new CitedReply("It rose.", true, List.of()));
    }

    static Passage passage(String item) {
        String text = "Text of " + item + ".";
        return new Passage(
                "id-" + item,
                "topic",
                "segment",
                "processor",
                item,
                "Label " + item,
                "file:" + item,
                text,
                10,
                10 + text.length(),
                1);
    }
}
