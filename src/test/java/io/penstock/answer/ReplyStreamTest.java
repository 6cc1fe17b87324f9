package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyStreamTest {
    private static final List<Passage> PASSAGES =
            List.of(CitedReplyTest.passage("a"), CitedReplyTest.passage("b"), CitedReplyTest.passage("c"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "It rose [3]. It fell [1, 3].",
                "  It rose  [7]. It fell [0][2].\n\nThen [ 1 ] it [12345] stood [still, 4\n",
                "NOT_KNOWN",
                " \"NOT_KNOWN\". [1]",
                "NOT_KNOWNS are not NOT_KNOWN [1]",
                "NOT everything is said [2]",
                "\u5bf9\u3002NOT_KNOWN [1]",
                "\u300cNOT_KNOWN\u300d",
                "[2] It rose [",
                "It rose [1,",
                "It rose [1] [2]; [3]",
                "[7] It rose\n [7]",
                "[7][8]",
                "It  rose [9] \n [1]  [7]  and\n\nfell [8] "
            })
    void shouldTellTheReplyHoweverItArrives(String written) {
        CitedReply reply = CitedReply.parse(written.strip(), PASSAGES);
        for (int size = 1; size <= written.length(); size++) {
            HeardReply heard = new HeardReply();
            ReplyStream stream = new ReplyStream(PASSAGES, heard);
            for (int at = 0; at < written.length(); at += size) {
                stream.write(written.substring(at, Math.min(at + size, written.length())));
            }
            stream.end(reply.text());

            assertThat(heard.text()).as("in pieces of %s", size).isEqualTo(reply.text());
            assertThat(heard.pieces).doesNotContain("");
        }
    }

    @Test
    void shouldPassOnAllThatCannotChangeAnyMore() {
        HeardReply heard = new HeardReply();
        ReplyStream stream = new ReplyStream(PASSAGES, heard);

        stream.write("NOT");
        assertThat(heard.pieces).as("it may become NOT_KNOWN").isEmpty();
        stream.write("ES say so [");
        assertThat(heard.text()).isEqualTo("NOTES say so");
        stream.write("2");
        assertThat(heard.text()).isEqualTo("NOTES say so");
        stream.write("] and more");
        assertThat(heard.text()).isEqualTo("NOTES say so [2] and more");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u6839\u636e\u6587\u4ef6",
                "\u0421\u043e\u0433\u043b\u0430\u0441\u043d\u043e",
                "\u0643\u0627\u0646"
            })
    void shouldPassOnTheFirstWordOfAnyScript(String word) {
        HeardReply heard = new HeardReply();
        new ReplyStream(PASSAGES, heard).write(word);

        assertThat(heard.text()).isEqualTo(word);
    }

    @Test
    void shouldLookAtEachPieceOnce() {
        HeardReply heard = new HeardReply();
        ReplyStream stream = new ReplyStream(PASSAGES, heard);
        String word = "word [1] ";
        int words = 200_000; // read from the beginning with each piece, they would take hours

        for (int i = 0; i < words; i++) {
            stream.write(word);
        }

        assertThat(heard.text()).isEqualTo(word.repeat(words).strip());
    }
}
