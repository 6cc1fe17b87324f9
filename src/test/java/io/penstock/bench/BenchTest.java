package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
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
                        "penstock: there is no benchmark 'nothing'; there are: stage, topics, embed, contention");
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
}
