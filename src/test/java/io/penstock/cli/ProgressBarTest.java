package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final HandClock clock = new HandClock();

    private String shown(int columns, Progress progress, Duration silence) {
        out.reset();
        new ProgressBar(new Screen(out, true, false, columns), clock, "economy").show(progress, silence);
        return out.toString(UTF_8).replace("\r\u001b[K", "");
    }

    @Test
    void shouldFillTheBarByTheShareThatHasEnded() {
        assertThat(shown(80, new Progress(40, 10, Map.of()), Duration.ZERO))
                .isEqualTo("economy  [#######-----------------------]  10/40 25 %  0.0/s");
        assertThat(shown(80, new Progress(40, 40, Map.of()), Duration.ZERO))
                .isEqualTo("economy  [##############################]  40/40 100 %  0.0/s");
        assertThat(shown(80, new Progress(0, 0, Map.of()), Duration.ZERO))
                .isEqualTo("economy  [------------------------------]  waiting for tasks");
    }

    @Test
    void shouldSayThatNothingIsHeard() {
        assertThat(shown(120, new Progress(40, 10, Map.of("capture.timeout", 2)), Duration.ofSeconds(7)))
                .endsWith("10/40 25 %  0.0/s  failed: 2 capture.timeout, nothing heard for 7 s");
    }

    @Test
    void shouldNeverBeWiderThanTheTerminal() {
        Progress progress = new Progress(40, 10, Map.of("capture.timeout", 2, "quality.short", 5));
        for (int columns = 5; columns < 120; columns++) {
            assertThat(Width.of(shown(columns, progress, Duration.ZERO))).isLessThan(columns);
        }
    }

    @Test
    void shouldPrintALineNowAndThenWhereThereIsNoTerminal() {
        ProgressBar bar = new ProgressBar(new Screen(out, false, false, 80), clock, "economy");
        for (int second = 0; second <= 21; second++) {
            bar.show(new Progress(40, second, Map.of()), Duration.ZERO);
            clock.pass(Duration.ofSeconds(1));
        }
        bar.end();

        assertThat(out.toString(UTF_8))
                .isEqualTo("penstock: economy  10/40 25 %  1.0/s\npenstock: economy  20/40 50 %  1.0/s\n");
    }

    @Test
    void shouldMeasureTheRateOfTheLastSeconds() {
        Rate rate = new Rate();
        assertThat(rate.perSecond()).isZero();
        for (int second = 0; second < 60; second++) {
            rate.add(Duration.ofSeconds(second).toNanos(), second < 30 ? 0 : (second - 30) * 4);
        }
        assertThat(rate.perSecond()).isEqualTo(4);
    }

    @Test
    void shouldSumRunsUp() {
        assertThat(Progress.of(List.of(
                        Json.read(Answers.run("r1", "RUNNING", 3, 2)).orElseThrow(),
                        Json.read(Answers.run("r2", "RUNNING", 1, 1)).orElseThrow())))
                .isEqualTo(new Progress(20, 7, Map.of("capture.timeout", 3)));
    }
}
