package io.penstock.answer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.answer.LanguageModel.Message;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptsTest {
    private static final Question QUESTION = new Question(
            "When?",
            List.of(new Passage("a", "t", "s", "p", "a", "Norra", "u", "Built in 1871.", 0, 14, 1)),
            List.of(new Question.Exchange("Who built it?", "Ada Holm [2], [1, 3] in May.")));

    @TempDir
    Path folder;

    @Test
    void shouldAskWithWhatComesWithPenstock() {
        List<Message> messages =
                Prompts.of(folder.resolve("absent")).answer(Reasoning.DIRECT).messages(QUESTION);

        assertThat(messages).hasSize(2);
        assertThat(messages.getFirst().role()).isEqualTo(LanguageModel.Role.SYSTEM);
        assertThat(messages.getFirst().text()).contains("NOT_KNOWN").doesNotContain("Norra", "1871", "reasoning");
        assertThat(messages.getLast().text())
                .contains("<passage n=\"1\" label=\"Norra\" uri=\"u\">\nBuilt in 1871.\n</passage>")
                .contains("<question>\nWhen?\n</question>")
                .contains("<asked>\nWho built it?\n</asked>\n<replied>\nAda Holm, in May.\n</replied>");
    }

    @Test
    void shouldTellTheModelToReasonBetweenTagsWhenItIsToGoStepByStep() {
        List<Message> messages =
                Prompts.shipped().answer(Reasoning.STEP_BY_STEP).messages(QUESTION);

        assertThat(messages.getFirst().text()).contains(ReasoningFilter.OPEN, ReasoningFilter.CLOSE, "NOT_KNOWN");
        assertThat(messages.getLast().text()).contains("Built in 1871.", "<question>\nWhen?\n</question>");
    }

    @Test
    void shouldPutTheOperatorsFilesInThePlaceOfThoseThatComeWithPenstock() throws Exception {
        write("answer-system.txt", "Answer like a pirate.");
        write("analysis-user.txt", "{{document}}\n---\n{{instructions}}");
        write("notes.md", "This is no prompt, {{whatever}} it says.");

        Prompts prompts = Prompts.of(folder);

        assertThat(prompts.answer(Reasoning.DIRECT)
                        .messages(QUESTION)
                        .getFirst()
                        .text())
                .isEqualTo("Answer like a pirate.");
        assertThat(prompts.answer(Reasoning.STEP_BY_STEP).system())
                .isEqualTo(Prompts.shipped().answer(Reasoning.STEP_BY_STEP).system());
        assertThat(prompts.analysis().messages("Sum it up.", "Text.").getLast().text())
                .isEqualTo("Text.\n---\nSum it up.");
    }

    @Test
    void shouldTellAnalysesByOtherPromptsApart() throws Exception {
        String shipped = Prompts.of(folder).analysis().print();
        write("analysis-system.txt", "Analyse.");
        String one = Prompts.of(folder).analysis().print();
        write("analysis-system.txt", "Analyse it.");
        String another = Prompts.of(folder).analysis().print();

        assertThat(shipped).isEmpty();
        assertThat(one).isNotEmpty().isNotEqualTo(another);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            answer-user.txt         | {{passages}} {{question}}                              | lacks the place holder {{conversation}}
            answer-user.txt         | {{conversation}} {{passages}} {{question}} {{quesion}} | is not known: {{quesion}}; it takes {{conversation}}, {{passages}}, {{question}}
            answer-user.txt         | {{conversation}} {{passages}} {{ question }}           | is not known: {{ question }}
            answer-system.txt       | You answer {{question}}.                               | is not known: {{question}}; it takes none
            analysis-user.txt       | {{prompt}} {{document}}                                | is not known: {{prompt}}
            step-by-step-system.txt | Think.                                                 | does not tell the model to reason between <reasoning> and </reasoning>
            answer-sytem.txt        | You answer.                                            | is the file of no prompt; the prompts are answer-system, answer-user
            answer-system.txt       | ''                                                     | is empty
            """)
    void shouldNameTheFileThatIsWrong(String file, String text, String complaint) throws Exception {
        write(file, text);

        assertThatThrownBy(() -> Prompts.of(folder))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
                .hasMessageContaining(folder.resolve(file).toString())
                .hasMessageContaining(complaint);
    }

    @Test
    void shouldNameTheFileThatIsNoText() throws Exception {
        Files.write(folder.resolve("answer-system.txt"), "Zur\u00fcck".getBytes(ISO_8859_1));

        assertThatThrownBy(() -> Prompts.of(folder)).hasMessageContaining("answer-system.txt is not text in UTF-8");
    }

    @Test
    void shouldNameTheFileThatIsTooLong() throws Exception {
        write("answer-system.txt", "x".repeat(70_000));

        assertThatThrownBy(() -> Prompts.of(folder))
                .hasMessageContaining("answer-system.txt has more than 65536 bytes");
    }

    @Test
    void shouldSayThatTheFolderIsNone() throws Exception {
        write("prompts", "x");

        assertThatThrownBy(() -> Prompts.of(folder.resolve("prompts")))
                .hasMessageContaining("folder of prompts " + folder.resolve("prompts"));
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text);
    }
}
