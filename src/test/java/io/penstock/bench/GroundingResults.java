package io.penstock.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.answer.Judged;
import io.penstock.bench.HeldOut.Half;
import java.io.PrintStream;
import java.util.Locale;
import java.util.stream.Stream;

/** What came of questions where what they are about is known, and where it is not. */
final class GroundingResults {
    /** The share of unanswerable questions that the threshold has to decline on the half on which it is chosen. */
    private static final double TO_DECLINE = 0.95;

    private final OfHalf choosing = new OfHalf();
    private final OfHalf reported = new OfHalf();
    private int disagreed;

    /** What came of a question where its paragraph is known, where its title is missing, and where only its paragraph is. */
    record Outcomes(Half half, Outcome known, Outcome withoutTitle, Outcome withoutParagraph) {}

    /**
     * What came of a question.
     *
     * @param evidence judged here, on what the application's search found
     * @param answered by the application's chat
     * @param right whether an expected answer stands in the first quoted sentence
     */
    record Outcome(double evidence, boolean answered, boolean right) {
        boolean agrees() {
            return answered == evidence >= Judged.RELEVANT;
        }
    }

    void add(Outcomes outcomes) {
        switch (outcomes.half()) {
            case CHOOSING -> choosing.add(outcomes);
            case REPORTED -> reported.add(outcomes);
        }
        disagreed += (int) Stream.of(outcomes.known(), outcomes.withoutTitle(), outcomes.withoutParagraph())
                .filter(outcome -> !outcome.agrees())
                .count();
    }

    private int questions() {
        return choosing.questions + reported.questions;
    }

    void print(PrintStream out) {
        DeclineCurve.Point chosen = choosing.curve.least(TO_DECLINE);
        DeclineCurve.Point there = reported.curve.at(chosen.threshold());
        out.println();
        DeclineCurve.print(choosing.curve, reported.curve, chosen.threshold(), out);
        out.println();
        out.printf(
                Locale.ROOT,
                "Chosen, as the least that declines 95 %% on one half of the titles: %.2f. On the other half it declines"
                        + " %.1f %% of%nthe questions whose title is missing, and %.1f %% of those whose paragraph is; it"
                        + " loses %.1f %% of those that can be answered.%n",
                chosen.threshold(),
                100 * there.declined(),
                100 * there.declinedNear(),
                100 * there.lost());
        out.printf(Locale.ROOT, "The application's threshold is %.2f. Through /api/chat:%n", Judged.RELEVANT);
        out.println();
        Table table =
                new Table("questions about", "number", "title missing", "paragraph missing", "lost", "best sentence");
        row(table, "the choosing half", choosing);
        row(table, "the reported half", reported);
        table.print(out);
        out.println();
        out.println("In " + disagreed + " of " + 3 * questions()
                + " cases the chat decided otherwise than the evidence that was judged here.");
        out.println();
    }

    private static void row(Table table, String name, OfHalf half) {
        table.row(
                name,
                Integer.toString(half.questions),
                DeclineCurve.percent(half.share(half.declined)),
                DeclineCurve.percent(half.share(half.declinedNear)),
                DeclineCurve.percent(half.share(half.lost)),
                DeclineCurve.percent(half.share(half.right)));
    }

    ObjectNode figures() {
        DeclineCurve.Point chosen = choosing.curve.least(TO_DECLINE);
        DeclineCurve.Point there = reported.curve.at(chosen.threshold());
        ObjectNode figures = RunningPenstock.JSON
                .createObjectNode()
                .put("threshold", chosen.threshold())
                .put("declined", Numbers.rounded(there.declined()))
                .put("declined_near", Numbers.rounded(there.declinedNear()))
                .put("lost", Numbers.rounded(there.lost()))
                .put("best_sentence", Numbers.rounded((double) (choosing.right + reported.right) / questions()))
                .put("application_threshold", Judged.RELEVANT)
                .put("questions", questions())
                .put("disagreed", disagreed);
        figures.set("chat_choosing", choosing.figures());
        figures.set("chat_reported", reported.figures());
        return figures;
    }

    /** What came of the questions about one half of the titles. */
    private static final class OfHalf {
        private final DeclineCurve curve = new DeclineCurve();
        private int questions;
        private int declined;
        private int declinedNear;
        private int lost;
        private int right;

        void add(Outcomes outcomes) {
            questions++;
            curve.add(
                    outcomes.known().evidence(),
                    outcomes.withoutTitle().evidence(),
                    outcomes.withoutParagraph().evidence());
            declined += outcomes.withoutTitle().answered() ? 0 : 1;
            declinedNear += outcomes.withoutParagraph().answered() ? 0 : 1;
            lost += outcomes.known().answered() ? 0 : 1;
            right += outcomes.known().right() ? 1 : 0;
        }

        private double share(int part) {
            return (double) part / questions;
        }

        ObjectNode figures() {
            return RunningPenstock.JSON
                    .createObjectNode()
                    .put("declined", Numbers.rounded(share(declined)))
                    .put("declined_near", Numbers.rounded(share(declinedNear)))
                    .put("lost", Numbers.rounded(share(lost)))
                    .put("best_sentence", Numbers.rounded(share(right)))
                    .put("questions", questions);
        }
    }
}
