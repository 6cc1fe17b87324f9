package io.penstock.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SentencesTest {
    @Test
    void shouldFollowSentencesAcrossWrappedLines() {
        assertThat(sentences("The Committee\nlowered rates.  It will\r\nmeet again."))
                .containsExactly("The Committee\nlowered rates.", "It will\r\nmeet again.");
    }

    @Test
    void shouldEndASentenceAtABlankLine() {
        assertThat(sentences("A heading\n \nA text without an end\r\n\r\nAnother"))
                .containsExactly("A heading", "A text without an end", "Another");
    }

    @Test
    void shouldKeepHeadingsAndItemsApart() {
        assertThat(sentences("# Usage\nRun it.\n- first\n- second\n  goes on\n1. one\n2) two\n| a | b |\n-5 degrees"))
                .containsExactly(
                        "# Usage",
                        "Run it.",
                        "- first",
                        "- second\n  goes on",
                        "1. one",
                        "2) two",
                        "| a | b |\n-5 degrees");
    }

    @Test
    void shouldNotEndASentenceAtAnAbbreviation() {
        assertThat(
                        sentences(
                                "Voting were Mr. Greenspan and J. Smith of Apple Inc. The U.S. Treasury paid 0.25 percent. Done."))
                .containsExactly(
                        "Voting were Mr. Greenspan and J. Smith of Apple Inc. The U.S. Treasury paid 0.25 percent.",
                        "Done.");
    }

    @Test
    void shouldKnowWhatBeginsWithASentence() {
        String text = "Title\n=====\nIntro. More.\n\nSecond paragraph.\n\n## Part ##\n\nText.\n- item\nSub\n---\nEnd.";

        assertThat(Sentences.of(text))
                .extracting(sentence ->
                        text.substring(sentence.span().start(), sentence.span().end()))
                .containsExactly(
                        "Title\n=====",
                        "Intro.",
                        "More.",
                        "Second paragraph.",
                        "## Part ##",
                        "Text.",
                        "- item\nSub\n---\nEnd.");
        assertThat(Sentences.of(text))
                .extracting(Sentence::opening)
                .containsExactly(
                        Opening.heading(1),
                        Opening.SENTENCE,
                        Opening.SENTENCE,
                        Opening.PARAGRAPH,
                        Opening.heading(2),
                        Opening.PARAGRAPH,
                        Opening.SENTENCE);
    }

    @Test
    void shouldTakeNothingForAHeadingThatIsNone() {
        for (String text : List.of(
                "#hashtag first",
                "####### Seven",
                "#",
                "# ",
                "```\n# a comment\n```",
                "a | b\n--",
                "===",
                "Text\n== no")) {
            assertThat(Sentences.of(text))
                    .as(text)
                    .noneMatch(sentence -> sentence.opening().isHeading());
        }
    }

    private static List<String> sentences(String text) {
        return Sentences.of(text).stream()
                .map(sentence -> sentence.span())
                .map(span -> text.substring(span.start(), span.end()))
                .toList();
    }
}
