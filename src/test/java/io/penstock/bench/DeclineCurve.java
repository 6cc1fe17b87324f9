package io.penstock.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What every threshold of the evidence would decline of questions that cannot be answered, and lose of those that can. */
final class DeclineCurve {
    private static final int HIGHEST_HUNDREDTHS = 180;

    private final List<Double> known = new ArrayList<>();
    private final List<Double> withoutTitle = new ArrayList<>();
    private final List<Double> withoutParagraph = new ArrayList<>();

    /**
     * What one threshold would do.
     *
     * @param declined share of the questions whose title is missing
     * @param declinedNear share of the questions whose paragraph is missing, and others of its title are not
     * @param lost share of the questions whose paragraph is there
     */
    record Point(double threshold, double declined, double declinedNear, double lost) {}

    /** Takes the evidence for one question in all three states. */
    void add(double evidenceKnown, double evidenceWithoutTitle, double evidenceWithoutParagraph) {
        known.add(evidenceKnown);
        withoutTitle.add(evidenceWithoutTitle);
        withoutParagraph.add(evidenceWithoutParagraph);
    }

    Point at(double threshold) {
        return new Point(
                threshold, below(withoutTitle, threshold), below(withoutParagraph, threshold), below(known, threshold));
    }

    /** The least threshold, in hundredths, that declines at least such a share of the questions whose title is missing. */
    Point least(double share) {
        return thresholds()
                .mapToObj(this::at)
                .filter(point -> point.declined() >= share)
                .findFirst()
                .orElseThrow();
    }

    private static DoubleStream thresholds() {
        return IntStream.rangeClosed(0, HIGHEST_HUNDREDTHS).mapToDouble(hundredths -> hundredths / 100.0);
    }

    private static double below(List<Double> evidence, double threshold) {
        return evidence.stream().filter(one -> one < threshold).count() / (double) evidence.size();
    }

    /** The curves of both halves in steps of 0.05, from where something is declined to where half is lost. */
    static void print(DeclineCurve choosing, DeclineCurve reported, double chosen, PrintStream out) {
        Table table = new Table(
                "threshold",
                "choosing: title missing",
                "paragraph missing",
                "lost",
                "reported: title missing",
                "paragraph missing",
                "lost",
                "");
        thresholds().forEach(threshold -> {
            Point one = choosing.at(threshold);
            Point other = reported.at(threshold);
            boolean isStep = Math.round(threshold * 100) % 5 == 0;
            if (threshold == chosen || (isStep && one.declined() > 0.1 && one.lost() < 0.5)) {
                table.row(
                        String.format(Locale.ROOT, "%.2f", threshold),
                        percent(one.declined()),
                        percent(one.declinedNear()),
                        percent(one.lost()),
                        percent(other.declined()),
                        percent(other.declinedNear()),
                        percent(other.lost()),
                        threshold == chosen ? "chosen" : "");
            }
        });
        table.print(out);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
