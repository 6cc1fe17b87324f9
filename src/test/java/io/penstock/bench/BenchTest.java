package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The frame of the benchmarks: what is listed and refused, and how figures are made and shown. */
class BenchTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(printed, true, UTF_8);

    @Test
    void shouldListWhatCanBeMeasured() throws Exception {
        assertThat(Bench.run(List.of(), stream, stream)).isZero();
        assertThat(printed.toString(UTF_8)).contains("usage: ./penstock bench NAME", "  topics ");
    }

    @Test
    void shouldRefuseANameThatThereIsNot() throws Exception {
        assertThat(Bench.run(List.of("nothing"), stream, stream)).isEqualTo(2);
        assertThat(printed.toString(UTF_8))
                .isEqualToIgnoringNewLines(
                        "penstock: there is no benchmark 'nothing'; there are: stage, topics, embed, contention,"
                                + " quality, grounding, volume, search, chat, capture");
    }

    @Test
    void shouldRefuseArgumentsThatABenchmarkCannotUse() throws Exception {
        assertThat(Bench.run(List.of("topics", "many"), stream, stream)).isEqualTo(2);
        assertThat(printed.toString(UTF_8)).contains("not 'many'");
    }

    @Test
    void shouldTakeTheSmallestValueThatEnoughDoNotExceed() {
        Samples samples = new Samples(40, 10, 30, 20);
        assertThat(samples.first()).isEqualTo(40);
        assertThat(samples.median()).isEqualTo(20);
        assertThat(samples.percentile(75)).isEqualTo(30);
        assertThat(samples.percentile(95)).isEqualTo(40);
        assertThat(samples.max()).isEqualTo(40);
        assertThat(new Samples(7).median()).isEqualTo(7);
        assertThatThrownBy(Samples::new).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldAlignFigures() {
        Table table = new Table("", "ours", "theirs");
        table.row("time, ms", "7", "1234567");
        table.row("memory, MiB", "12.5", "");
        table.print(stream);
        assertThat(printed.toString(UTF_8).lines())
                .containsExactly("             ours   theirs", "time, ms        7  1234567", "memory, MiB  12.5");
    }

    @Test
    void shouldSayWhetherOneWayIsWorseThanAnother() {
        List<Boolean> often = of(100, i -> i % 10 != 0);
        List<Boolean> rarely = of(100, i -> i % 2 == 0);
        List<Boolean> almostAsOften = of(100, i -> i % 10 != 0 && i != 1);

        PairedBootstrap.Interval worse = PairedBootstrap.compare(rarely, often);
        assertThat(worse.difference()).isEqualTo(-0.4);
        assertThat(worse.low()).isBetween(-0.6, -0.4);
        assertThat(worse.high()).isBetween(-0.4, -0.2);
        assertThat(worse.isBelow()).isTrue();
        assertThat(PairedBootstrap.compare(often, rarely).isBelow()).isFalse();
        assertThat(PairedBootstrap.compare(almostAsOften, often).isBelow()).isFalse();
        assertThat(PairedBootstrap.compare(often, often)).isEqualTo(new PairedBootstrap.Interval(0, 0, 0));
    }

    private static List<Boolean> of(int count, IntPredicate found) {
        return IntStream.range(0, count).mapToObj(found::test).toList();
    }

    @Test
    void shouldFindAnswersAsWholeWords() {
        assertThat(GoldAnswers.areIn("It was built in \u201c1889\u201d, they say.", List.of("1889")))
                .isTrue();
        assertThat(GoldAnswers.areIn("The Duke\nof Norman-\ndy", List.of("none", "duke of norman dy")))
                .isTrue();
        assertThat(GoldAnswers.areIn("fourteen", List.of("four"))).isFalse();
        assertThat(GoldAnswers.areIn("Z\u00fcrich", List.of("zurich"))).isFalse();
    }

    @Test
    void shouldRankByTheFirstHitOfTheItem() {
        Ranking ranking = new Ranking();
        RealTexts.Asked question = new RealTexts.Asked("b", "Who?", List.of("Ann"));
        ranking.add(
                question, List.of(new Ranking.Hit("a", "Ann"), new Ranking.Hit("b", "x"), new Ranking.Hit("b", "Ann")));
        ranking.add(question, List.of(new Ranking.Hit("a", "Bob")));

        assertThat(ranking.found(2)).containsExactly(true, false);
        assertThat(ranking.recall(1)).isZero();
        assertThat(ranking.recall(2)).isEqualTo(0.5);
        assertThat(ranking.answers(1)).isEqualTo(0.5);
    }
}
