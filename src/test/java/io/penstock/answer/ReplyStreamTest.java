package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
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
                "[2] It rose [",
                "It rose [1,",
                "It rose [1] [2]; [3]"
            })
    void shouldTellTheReplyHoweverItArrives(String written) {
        CitedReply reply = CitedReply.parse(written.strip(), PASSAGES);
        for (int size = 1; size <= written.length(); size++) {
            List<String> told = new ArrayList<>();
            ReplyStream stream = new ReplyStream(PASSAGES, told::add);
            for (int at = 0; at < written.length(); at += size) {
                stream.write(written.substring(at, Math.min(at + size, written.length())));
            }
            stream.end(reply.text());

            assertThat(String.join("", told)).as("in pieces of %s", size).isEqualTo(reply.text());
            assertThat(told).doesNotContain("");
        }
    }
}
