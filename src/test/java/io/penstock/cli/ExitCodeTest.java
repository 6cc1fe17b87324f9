package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the documentation says of exit codes, and what the launcher relies on. */
class ExitCodeTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([0-9]+)` \\|");

    @Test
    void shouldBeDocumentedOneByOne() throws IOException {
        assertThat(ROW.matcher(Files.readString(Path.of("docs/cli.md")))
                        .results()
                        .map(MatchResult::group))
                .as("rows of the table in docs/cli.md; those above 128 but 141 are signals")
                .containsAll(Arrays.stream(ExitCode.values())
                        .map(exit -> "| `" + exit.code() + "` |")
                        .toList())
                .hasSize(ExitCode.values().length + 2);
    }

    @Test
    @Timeout(60)
    void shouldSucceedWithEveryCommandThatIsRehearsed() throws IOException {
        assertThat(Rehearsal.rehearse()).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
    }

    @Test
    void shouldWriteDurationsForPeople() {
        assertThat(Durations.text(Duration.ofMillis(1790))).isEqualTo("1.8 s");
        assertThat(Durations.text(Duration.ofMillis(300))).isEqualTo("0.3 s");
        assertThat(Durations.text(Duration.ofSeconds(5))).isEqualTo("5 s");
        assertThat(Durations.text(Duration.ofMinutes(2))).isEqualTo("2 min");
        assertThat(Durations.text(Duration.ofSeconds(200))).isEqualTo("3 min 20 s");
    }

    @Test
    void shouldReadDurationsAsPeopleWriteThem() {
        Durations durations = new Durations();
        assertThat(durations.convert("90")).isEqualTo(Duration.ofSeconds(90));
        assertThat(durations.convert("90s")).isEqualTo(Duration.ofSeconds(90));
        assertThat(durations.convert("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(durations.convert("1h")).isEqualTo(Duration.ofHours(1));
        assertThat(durations.convert("500ms")).isEqualTo(Duration.ofMillis(500));
    }
}
