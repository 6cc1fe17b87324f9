package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.answer.LanguageModel.Completion;
import io.penstock.answer.LanguageModel.Message;
import io.penstock.stage.CallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReasoningFilterTest {
    /** "~" stands for a line break. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            STEP_BY_STEP | <reasoning>One is more than none.</reasoning>~~It is one [1]. | It is one [1].
            STEP_BY_STEP | ~ <REASONING>a</Reasoning>b                                 | b
            STEP_BY_STEP | Let me think. <reasoning>a</reasoning> b                    | b
            STEP_BY_STEP | The first tag was forgotten. </reasoning> b                 | b
            STEP_BY_STEP | <think>a</think><reasoning>b</reasoning>c                   | c
            STEP_BY_STEP | <reasoning>a</reasoning>b <reasoning>c</reasoning>d         | b d
            STEP_BY_STEP | <reasoning>a <reasoning> b</reasoning>c                     | c
            STEP_BY_STEP | <reasoning>a</reasoning>b</reasoning>c                      | bc
            STEP_BY_STEP | <reasoning>a</reasoning>1 < 2 and <b>x</b>, <reason> <      | 1 < 2 and <b>x</b>, <reason> <
            STEP_BY_STEP | <reasoning>a</reasoning>b <reasoning>cut                    | b
            STEP_BY_STEP | <reasoning>never ended                                      | ``
            STEP_BY_STEP | Sure. <reasoning>never ended                                | ``
            STEP_BY_STEP | No tag at all, 1 < 2.                                       | No tag at all, 1 < 2.
            STEP_BY_STEP | <reasoning>a</reasoning>                                    | ``
            DIRECT       | It is one [1].                                              | It is one [1].
            DIRECT       | <think>a~b</think>~~It is one.                              | It is one.
            DIRECT       | ~~<reasoning>a</reasoning> It is one.                       | It is one.
            DIRECT       | The tag <think> begins </think> it.                         | The tag <think> begins </think> it.
            DIRECT       | <think>a</think>b <think>c</think>                          | b <think>c</think>
            DIRECT       | <thin is no tag                                             | <thin is no tag
            DIRECT       | <think                                                      | <think
            DIRECT       | </think> b                                                  | </think> b
            DIRECT       | <think>never ended                                          | ``
            """)
    void shouldKeepTheReasoningHoweverItArrives(Reasoning told, String marked, String expected) {
        String written = marked.replace('~', '\n');

        assertThat(ReasoningFilter.reply(told, written)).isEqualTo(expected);
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            assertThat(String.join("", pieces(told, written, random)).strip()).isEqualTo(expected);
        }
    }

    private static List<String> pieces(Reasoning told, String written, Random random) {
        List<String> pieces = new ArrayList<>();
        ReasoningFilter filter = new ReasoningFilter(told, pieces::add);
        int start = 0;
        while (start < written.length()) {
            int end = Math.min(written.length(), start + 1 + random.nextInt(9));
            filter.write(written.substring(start, end));
            start = end;
        }
        filter.end();
        return pieces;
    }

    @Test
    void shouldPassOnTheReplyWhileItIsWritten() {
        List<String> pieces = new ArrayList<>();
        ReasoningFilter filter = new ReasoningFilter(Reasoning.STEP_BY_STEP, pieces::add);

        filter.write("<reasoning>long and winding");
        filter.write("</reason");
        assertThat(pieces).isEmpty();
        filter.write("ing>\nIt is");
        assertThat(pieces).containsExactly("It is");
        filter.write(" one <");
        assertThat(pieces).as("a tag might follow").containsExactly("It is", " one ");
        filter.write(" two.");
        assertThat(pieces).containsExactly("It is", " one ", "< two.");
    }

    @Test
    void shouldPassOnADirectReplyAtOnce() {
        List<String> pieces = new ArrayList<>();
        ReasoningFilter filter = new ReasoningFilter(Reasoning.DIRECT, pieces::add);

        filter.write("<th");
        assertThat(pieces).isEmpty();
        filter.write("e lamp>");
        filter.write(" <");
        assertThat(pieces).containsExactly("<the lamp>", " <");
    }

    @Test
    void shouldCompleteWithTheReplyAlone() throws Exception {
        List<String> told = new ArrayList<>();

        Completion completion = new HiddenReasoning(
                        writes("<reasoning>One and one", " is two.</reasoning>\n", "Two", " [1]."),
                        Reasoning.STEP_BY_STEP)
                .complete(List.of(), told::add);

        assertThat(completion).isEqualTo(new Completion("Two [1].", 5, 6, false));
        assertThat(told).containsExactly("Two", " [1].");
    }

    @Test
    void shouldFailWhenThereIsNothingButReasoning() {
        assertThatThrownBy(() -> new HiddenReasoning(writes("<think>Hm.</think>"), Reasoning.DIRECT)
                        .complete(List.of(), piece -> {}))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.isPermanent()).isFalse())
                .hasMessageContaining("test-model wrote its reasoning and nothing else");
        assertThatThrownBy(() -> new HiddenReasoning(cutAfter("<reasoning>Hm"), Reasoning.STEP_BY_STEP)
                        .complete(List.of(), piece -> {}))
                .isInstanceOfSatisfying(
                        CallException.class, e -> assertThat(e.isPermanent()).isTrue())
                .hasMessageContaining("used up its tokens while it reasoned");
    }

    private static LanguageModel writes(String... pieces) {
        return new Writes(List.of(pieces), false);
    }

    private static LanguageModel cutAfter(String text) {
        return new Writes(List.of(text), true);
    }

    private record Writes(List<String> pieces, boolean cut) implements LanguageModel {
        @Override
        public String name() {
            return "test-model";
        }

        @Override
        public Completion complete(List<Message> messages, Consumer<String> onText) {
            pieces.forEach(onText);
            return new Completion(String.join("", pieces).strip(), 5, 6, cut);
        }
    }
}
