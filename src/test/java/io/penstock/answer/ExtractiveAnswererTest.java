package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Citation;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExtractiveAnswererTest {
    private static final String RECORD =
            "Preface of the record. The lighthouse of Norra was built in 1871 by Ada Holm. "
                    + "It stands on a cliff.\nThe lamp burns rape oil and is seen from afar.";
    private final ExtractiveAnswerer answerer = new ExtractiveAnswerer(new WordEmbedder());

    @Test
    void shouldQuoteTheSentenceAndCiteItsPassage() throws Exception {
        Passage passage = passage("norra", "Norra", 23, RECORD.length(), 0.9);
        ChatAnswer answer = answerer.answer(
                new Question("When was the lighthouse of Norra built?", List.of(other(), passage), List.of()));

        assertThat(answer.getAnswered()).isTrue();
        assertThat(answer.getAnswerer()).isEqualTo("extractive");
        assertThat(answer.getReply())
                .startsWith("\u201cThe lighthouse of Norra was built in 1871 by Ada Holm.\u201d [1]");
        Citation first = answer.getCitations().getFirst();
        assertThat(first.getItem()).isEqualTo("norra");
        assertThat(first.getText()).isEqualTo(RECORD.substring(first.getStart(), first.getEnd()));
        assertThat(answer.getUsage().getPassages()).isEqualTo(2);
    }

    @Test
    void shouldLetTheLabelOfThePassageCount() throws Exception {
        String decided = "The Committee decided today to establish a target range for the federal funds rate.";
        Passage march = text("20080318", "FOMC statement of March 18, 2008", decided, 0.9);
        Passage december = text("20081216", "FOMC statement of December 16, 2008", decided, 0.8);

        ChatAnswer answer = answerer.answer(new Question(
                "What target range for the federal funds rate did the Committee establish in December 2008?",
                List.of(march, december),
                List.of()));

        assertThat(answer.getCitations().getFirst().getItem()).isEqualTo("20081216");
        assertThat(answer.getReply().split("\n", -1))
                .as("equal sentences are quoted once")
                .hasSize(1);
    }

    @Test
    void shouldSayThatNothingIsKnown() throws Exception {
        ChatAnswer answer = answerer.answer(new Question(
                "Which orchestra recorded this symphony?", List.of(other(), passage("n", "", 0, 30, 1)), List.of()));

        assertThat(answer.getAnswered()).isFalse();
        assertThat(answer.getCitations()).isEmpty();
        assertThat(answer.getReply()).isEqualTo(ExtractiveAnswerer.NOTHING_KNOWN);
    }

    @Test
    void shouldSayThatNothingIsKnownWithoutPassages() throws Exception {
        assertThat(answerer.answer(new Question("What?", List.of(), List.of())).getAnswered())
                .isFalse();
    }

    @Test
    void shouldTellWhatKindOfWordsAnswer() {
        assertThat(AnswerType.of("How many points were scored?").isIn("They scored 24 points."))
                .isTrue();
        assertThat(AnswerType.of("When was it?").isIn("It was in May 1871.")).isTrue();
        assertThat(AnswerType.of("Who built it?").isIn("It was built by Ada Holm."))
                .isTrue();
        assertThat(AnswerType.of("Where is it?").isIn("It stands in Norra.")).isTrue();
        assertThat(AnswerType.of("Who built it?").isIn("it was built long ago."))
                .isFalse();
        assertThat(AnswerType.of("Describe it").isIn("In 1871 Ada Holm came.")).isFalse();
    }

    private static Passage other() {
        return text("other", "Bread", "The dough rests for two hours. Then it is baked in a hot oven.", 1.0);
    }

    private static Passage passage(String item, String label, int start, int end, double score) {
        return new Passage(item, "t", "s", "p", item, label, "u", RECORD.substring(start, end), start, end, score);
    }

    private static Passage text(String item, String label, String text, double score) {
        return new Passage(item, "t", "s", "p", item, label, "u", text, 0, text.length(), score);
    }
}
