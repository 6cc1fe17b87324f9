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

    private static List<String> sentences(String text) {
        return Sentences.of(text).stream()
                .map(span -> text.substring(span.start(), span.end()))
                .toList();
    }
}
