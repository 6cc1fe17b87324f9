package io.penstock.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.answer.Question.Exchange;
import io.penstock.schema.ChatAnswer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Questions that point back, made by hand about real texts, beside questions that stand alone. */
class FollowUpTest {
    private static final Logger LOG = LoggerFactory.getLogger(FollowUpTest.class);
    private static final List<Exchange> HISTORY =
            List.of(new Exchange("Who built the lighthouse of Norra?", "\u201cAda Holm built it.\u201d [1]"));

    /**
     * @param texts paragraphs or statements
     * @param item of those texts, that holds an answer to the second question
     * @param inFull the second question as it would be asked without the first
     */
    private record Made(String texts, String item, List<String> answers, String first, String second, String inFull) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "And when?",
                "What about the old lighthouse?",
                "When was it finished?",
                "Where did she live?",
                "How long did that take her?",
                "Who else?",
                "Why?",
                "In which year?",
                "And in 1871?",
                "What happened in May 1871?",
                "How many people lived there?",
                "Who was the keeper then?",
                "What is the name of the current one?",
                "In that year, who was the king?"
            })
    void shouldCarryTheQuestionThatIsPointedBackTo(String question) {
        FollowUp followUp = FollowUp.of(question, HISTORY);

        assertThat(followUp.question()).isEqualTo(question);
        assertThat(followUp.context()).isEqualTo("Who built the lighthouse of Norra?");
        assertThat(followUp.query()).isEqualTo("Who built the lighthouse of Norra? " + question);
        assertThat(FollowUp.of(question, List.of()).query()).isEqualTo(question);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Who painted the harbour of Sundet?",
                "What is photosynthesis?",
                "What does photosynthesis mean?",
                "Who was Ada Holm?",
                "How did Ada Holm finance her work?",
                "How long does it take to cure concrete?",
                "What is it called when a belief is given up?",
                "Which conjecture holds that there are infinitely many twin primes?",
                "How many kinds of gulls are there?",
                "Was ist ein Leuchtturm und wer hat ihn gebaut?"
            })
    void shouldLeaveAQuestionAloneThatStandsAlone(String question) {
        assertThat(FollowUp.of(question, HISTORY)).isEqualTo(new FollowUp(question, "", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Who built the lighthouse of Norra?        | What about the lighthouse of Sundet? | Who built the lighthouse of Sundet?
            Who built the lighthouse of Norra?        | And in Sundet?                 | Who built the lighthouse of Sundet?
            When did Scheele discover oxygen?         | And Priestley?                 | When did Priestley discover oxygen?
            When was the Treaty of Rome signed?       | What about the Maastricht Treaty? | When was the Maastricht Treaty signed?
            How much of the Amazon forest is in Brazil? | How much in Peru?            | How much of the Amazon forest is in Peru?
            How far did the Committee go in May 2007? | And in June?                   | How far did the Committee go in June 2007?
            """)
    void shouldAskTheSameOfAnotherThing(String before, String question, String context) {
        assertThat(FollowUp.of(question, List.of(new Exchange(before, "It is known."))))
                .isEqualTo(new FollowUp(question, context, "It is known."));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Who built the lighthouse of Norra?        | And in May 1871?
            Who built the lighthouse of Norra?        | And who painted it in Sundet?
            Who built the lighthouse of Norra?        | And how high is that of Norra?
            Did Holm sail from Norra to Sundet?       | And Oslo?
            """)
    void shouldLeaveTheEarlierQuestionAsItIsWhereNothingClearlyTakesAPlaceInIt(String before, String question) {
        assertThat(FollowUp.of(question, List.of(new Exchange(before, "It is known.")))
                        .context())
                .isEqualTo(before);
    }

    @Test
    void shouldAnswerAboutTheOtherThing() throws Exception {
        ExtractiveAnswerer answerer = new ExtractiveAnswerer(new WordEmbedder());
        Passage norra = passage("norra", "The lighthouse of Norra was built by Ada Holm.");
        Passage sundet = passage("sundet", "The lighthouse of Sundet is the work of Bo Ek.");
        List<Exchange> history = List.of(new Exchange("Who built the lighthouse of Norra?", "Ada Holm did."));

        assertThat(answerer.answer(new Question("And in Sundet?", List.of(norra, sundet), history))
                        .getReply())
                .startsWith("\u201cThe lighthouse of Sundet");
    }

    @Test
    void shouldFollowAChainOfQuestionsThatPointBack() {
        List<Exchange> chain = List.of(
                new Exchange("Who painted the harbour of Sundet?", "Nobody."),
                new Exchange("Who built the lighthouse of Norra?", "Ada Holm."),
                new Exchange("Where did she live?", "In Norra."));

        assertThat(FollowUp.of("And when?", chain).query())
                .isEqualTo("Who built the lighthouse of Norra? Where did she live? And when?");
    }

    @Test
    void shouldCarryNoMoreThanTheEndOfALongText() {
        Exchange pasted = new Exchange("word ".repeat(1_000) + "Who built the lighthouse of Norra?", "Ada Holm.");

        FollowUp followUp = FollowUp.of("And when?", List.of(pasted));

        assertThat(followUp.context())
                .hasSizeLessThanOrEqualTo(500)
                .startsWith("word ")
                .endsWith("Who built the lighthouse of Norra?");
    }

    @Test
    void shouldAnswerAFollowUpFromWhatItPointsBackTo() throws Exception {
        ExtractiveAnswerer answerer = new ExtractiveAnswerer(new WordEmbedder());
        Passage norra = passage("norra", "The lighthouse of Norra was built by Ada Holm, who finished it in May 1871.");
        Passage sundet = passage("sundet", "It was built in 1902.");
        String asked = "And when was it built?";
        List<Passage> passages = List.of(sundet, norra);

        assertThat(answerer.answer(new Question(asked, passages, List.of())).getReply())
                .startsWith("\u201cIt was built in 1902");
        assertThat(answerer.answer(new Question(asked, passages, HISTORY)).getReply())
                .startsWith("\u201cThe lighthouse of Norra was built");
    }

    @Test
    void shouldRatherQuoteWhatWasNotSaidBefore() throws Exception {
        ExtractiveAnswerer answerer = new ExtractiveAnswerer(new WordEmbedder());
        String said = "Ada Holm built the lighthouse of Norra\n on a cliff.";
        Passage norra = passage("norra", said + " She lived in the lighthouse of Norra.");
        List<Exchange> history = List.of(new Exchange(
                "Who built the lighthouse of Norra?",
                "\u201cAda Holm built the lighthouse of Norra on a cliff.\u201d [1]"));

        assertThat(answerer.answer(new Question("And who lived there?", List.of(norra), history))
                        .getReply())
                .startsWith("\u201cShe lived in the lighthouse");
    }

    @Test
    void shouldTellMadeFollowUpsFromTheSameQuestionsInFull() throws Exception {
        List<Made> made = made();

        assertThat(made).hasSizeGreaterThanOrEqualTo(40);
        assertThat(made.stream().filter(one -> !PointingBack.isIn(one.second())).map(Made::second))
                .as("follow-ups that are not seen to be ones")
                .hasSizeLessThanOrEqualTo(1);
        assertThat(made.stream().map(Made::inFull).filter(PointingBack::isIn)).isEmpty();
        assertThat(made.stream().map(Made::first).filter(PointingBack::isIn)).isEmpty();
    }

    @Test
    void shouldLeaveAlmostAllQuestionsAloneThatWereAskedOnTheirOwn() throws Exception {
        assumeTrue(Files.isDirectory(RealTexts.PARAGRAPHS), "skipped: ../shared/data/retrieval is absent");
        List<RealTexts.Asked> asked = RealTexts.questions();

        long pointing = asked.stream()
                .filter(question -> PointingBack.isIn(question.text()))
                .count();

        // Some of these questions do point back, to the paragraph that lay before whoever asked: "When was this edict
        // declared?"
        assertThat((double) pointing / asked.size()).isBetween(0.01, 0.05);
    }

    @Test
    void shouldFindAndQuoteWhatFollowUpsAskFor() throws Exception {
        assumeTrue(Files.isDirectory(RealTexts.PARAGRAPHS), "skipped: ../shared/data is absent");
        RealTexts texts = new RealTexts();
        Map<String, Map<String, Passage>> all =
                Map.of("paragraphs", RealTexts.paragraphs(), "statements", RealTexts.statements());
        ExtractiveAnswerer answerer = new ExtractiveAnswerer(texts.embedder());
        Tally followed = new Tally();
        Tally bare = new Tally();
        Tally inFull = new Tally();
        for (Made one : made()) {
            Map<String, Passage> passages = Objects.requireNonNull(all.get(one.texts()));
            ChatAnswer first = answerer.answer(
                    new Question(one.first(), texts.retrieve(one.first(), passages, passage -> true), List.of()));
            List<Exchange> history = List.of(new Exchange(one.first(), first.getReply()));
            FollowUp followUp = FollowUp.of(one.second(), history);
            List<Passage> found = texts.retrieve(followUp.query(), passages, passage -> true);
            followed.add(one, found, answerer.answer(new Question(one.second(), found, history)));
            List<Passage> foundBare = texts.retrieve(one.second(), passages, passage -> true);
            bare.add(one, foundBare, answerer.answer(new Question(one.second(), foundBare, List.of())));
            List<Passage> foundInFull = texts.retrieve(one.inFull(), passages, passage -> true);
            inFull.add(one, foundInFull, answerer.answer(new Question(one.inFull(), foundInFull, List.of())));
        }

        LOG.info("follow-ups: in their context {}, without it {}, asked in full {}", followed, bare, inFull);
        assertThat(followed.found()).isGreaterThan(0.95).isGreaterThan(bare.found() + 0.1);
        assertThat(followed.quoted()).isGreaterThan(bare.quoted() + 0.1).isGreaterThan(inFull.quoted() - 0.15);
    }

    /** How often the right item was among the first five, and an answer in the first quote. */
    private static final class Tally {
        private int asked;
        private int found;
        private int quoted;

        void add(Made made, List<Passage> passages, ChatAnswer answer) {
            asked++;
            found += passages.stream()
                            .limit(5)
                            .anyMatch(passage -> passage.item().equals(made.item()))
                    ? 1
                    : 0;
            String quote = answer.getReply().lines().findFirst().orElse("");
            quoted += answer.getAnswered() && RealTexts.holds(quote, made.answers()) ? 1 : 0;
        }

        double found() {
            return (double) found / asked;
        }

        double quoted() {
            return (double) quoted / asked;
        }

        @Override
        public String toString() {
            return "found " + found + " and quoted " + quoted + " of " + asked;
        }
    }

    private static Passage passage(String item, String text) {
        return new Passage(item, "t", "s", "p", item, "", "u", text, 0, text.length(), 1);
    }

    private static List<Made> made() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(FollowUpTest.class.getResourceAsStream("/chat/follow-ups.tsv")), UTF_8))) {
            return lines.lines()
                    .skip(1)
                    .map(line -> line.split("\t", -1))
                    .map(row -> new Made(row[0], row[1], List.of(row[2].split("\\|", -1)), row[3], row[4], row[5]))
                    .toList();
        }
    }
}
