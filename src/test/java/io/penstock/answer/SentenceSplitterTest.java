package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SentenceSplitterTest {
    @Test
    void shouldCutAfterMarksButNotAfterAbbreviations() {
        assertThat(
                        texts(
                                "Mr. J. Smith of the U.S. Treasury agreed. \"Really?\" He did! It rose 0.5 percent, e.g. in May. Yes"))
                .containsExactly(
                        "Mr. J. Smith of the U.S. Treasury agreed.",
                        "\"Really?\"",
                        "He did!",
                        "It rose 0.5 percent, e.g. in May.",
                        "Yes");
    }

    @Test
    void shouldJoinWrappedLinesAndSeparateOthers() {
        assertThat(texts("""
                        Heading

                        The Committee decided today to establish a target range for
                        the federal funds rate of 0 to 1/4 percent. It will employ
                        all tools.
                        - first entry
                        - second entry
                        short line
                        a.b: value"""))
                .containsExactly(
                        "Heading",
                        "The Committee decided today to establish a target range for\nthe federal funds rate of 0 to 1/4 percent.",
                        "It will employ\nall tools.",
                        "- first entry",
                        "- second entry",
                        "short line",
                        "a.b: value");
    }

    @Test
    void shouldGiveOffsetsIntoTheText() {
        String text = "  One.  Two!\n\n---\n\nThree 😀。Four";

        List<Sentence> sentences = SentenceSplitter.split(text);

        assertThat(sentences).extracting(Sentence::text).containsExactly("One.", "Two!", "Three 😀。", "Four");
        assertThat(sentences)
                .allSatisfy(one ->
                        assertThat(text.substring(one.start(), one.end())).isEqualTo(one.text()));
        assertThat(SentenceSplitter.split(" \n ")).isEmpty();
    }

    private static List<String> texts(String text) {
        return SentenceSplitter.split(text).stream().map(Sentence::text).toList();
    }
}
