package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.embedding.Embedder;
import io.penstock.schema.ChatAnswer;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The extractive answerer on real text with the real model, behind an exhaustive hybrid retrieval. */
class RealTextTest {
    private static final Logger LOG = LoggerFactory.getLogger(RealTextTest.class);

    /** Every how many questions are asked: all of them take a minute. */
    private static final int STRIDE = Integer.getInteger("penstock.test.stride", 8);

    private final RealTexts texts = new RealTexts();
    private final Embedder embedder = texts.embedder();

    @Test
    void shouldQuoteTheAnswerAndDeclineWhatIsNotKnown() throws Exception {
        assumeTrue(Files.isDirectory(RealTexts.PARAGRAPHS), "skipped: ../shared/data/retrieval is absent");
        Map<String, Passage> paragraphs = RealTexts.paragraphs();
        List<RealTexts.Asked> questions = RealTexts.questions();
        ExtractiveAnswerer answerer = new ExtractiveAnswerer(embedder);
        int asked = 0;
        int lost = 0;
        int inFirst = 0;
        int inReply = 0;
        int declined = 0;
        for (int i = 0; i < questions.size(); i += STRIDE) {
            RealTexts.Asked question = questions.get(i);
            String title =
                    Objects.requireNonNull(paragraphs.get(question.paragraph())).segment();
            asked++;
            ChatAnswer answer = ask(answerer, question.text(), paragraphs, passage -> true);
            lost += answer.getAnswered() ? 0 : 1;
            String reply = answer.getReply();
            inReply += RealTexts.holds(reply, question.gold()) ? 1 : 0;
            inFirst += RealTexts.holds(reply.lines().findFirst().orElse(""), question.gold()) ? 1 : 0;
            ChatAnswer without = ask(
                    answerer,
                    question.text(),
                    paragraphs,
                    passage -> !passage.segment().equals(title));
            declined += without.getAnswered() ? 0 : 1;
        }
        LOG.info(
                "{} questions: gold answer in the first quote {}, in the reply {}; answerable lost {}; unanswerable declined {}",
                asked,
                share(inFirst, asked),
                share(inReply, asked),
                share(lost, asked),
                share(declined, asked));
        assertThat((double) declined / asked).as("unanswerable declined").isGreaterThan(0.85);
        assertThat((double) lost / asked).as("answerable lost").isLessThan(0.10);
        assertThat((double) inFirst / asked)
                .as("gold answer in the first quote")
                .isGreaterThan(0.78);
    }

    @Test
    void shouldCiteTheMeetingThatWasAskedFor() throws Exception {
        assumeTrue(Files.isDirectory(RealTexts.STATEMENTS), "skipped: ../shared/data/fomc-statements is absent");
        Map<String, Passage> statements = RealTexts.statements();

        ChatAnswer answer = ask(
                new ExtractiveAnswerer(embedder),
                "What target range for the federal funds rate did the Committee establish in December 2008?",
                statements,
                passage -> true);

        assertThat(answer.getAnswered()).isTrue();
        assertThat(answer.getCitations().getFirst().getItem()).isEqualTo("20081216");
        assertThat(answer.getReply().lines().findFirst().orElse("")).contains("0 to 1/4 percent");
        assertThat(ask(
                                new ExtractiveAnswerer(embedder),
                                "How long should sourdough bread be baked?",
                                statements,
                                passage -> true)
                        .getAnswered())
                .isFalse();
    }

    private ChatAnswer ask(
            ExtractiveAnswerer answerer, String question, Map<String, Passage> all, Predicate<Passage> known)
            throws InterruptedException {
        return answerer.answer(new Question(question, texts.retrieve(question, all, known), List.of()));
    }

    private static String share(int part, int whole) {
        return "%.3f".formatted((double) part / whole);
    }
}
