package io.penstock.cli;

import java.time.Duration;
import java.util.Locale;

/**
 * Shows progress to people: on a terminal as a bar that grows in its line, elsewhere as a line now and then, so that a log shows that
 * something happens.
 */
final class ProgressBar {
    private static final int LONGEST = 30;
    private static final int SHORTEST = 10;
    private static final long BETWEEN_LINES = Duration.ofSeconds(10).toNanos();

    private final Screen screen;
    private final Time time;
    private final String what;
    private final Rate rate = new Rate();
    private long saidAt;

    ProgressBar(Screen screen, Time time, String what) {
        this.screen = screen;
        this.time = time;
        this.what = what;
        this.saidAt = time.nanos();
    }

    /** @param silence how long nothing was heard of the run */
    void show(Progress progress, Duration silence) {
        long now = time.nanos();
        rate.add(now, progress.ended());
        String note = silence.toSeconds() < 3 ? "" : ", nothing heard for " + silence.toSeconds() + " s";
        if (screen.isTerminal()) {
            screen.replaceLine(bar(progress, rate.perSecond(), note, screen.columns() - 1));
        } else if (now - saidAt >= BETWEEN_LINES) {
            saidAt = now;
            screen.print("penstock: " + what + "  " + figures(progress, rate.perSecond(), note))
                    .line()
                    .flush();
        }
    }

    /** Takes the bar away. */
    void end() {
        if (screen.isTerminal()) {
            screen.replaceLine("");
        }
    }

    private String bar(Progress progress, double perSecond, String note, int columns) {
        String figures = figures(progress, perSecond, note);
        int room = Math.min(LONGEST, columns - Width.of(what) - Width.of(figures) - 6);
        if (room < SHORTEST) {
            return Width.cut(what + "  " + figures, columns);
        }
        int full = (int) (progress.share() * room);
        return what + "  [" + "#".repeat(full) + "-".repeat(room - full) + "]  " + figures;
    }

    private static String figures(Progress progress, double perSecond, String note) {
        String failed = progress.failed();
        return (progress.expected() == 0
                        ? "waiting for tasks"
                        : String.format(
                                Locale.ROOT,
                                "%d/%d %d %%  %.1f/s",
                                progress.ended(),
                                progress.expected(),
                                (int) (100 * progress.share()),
                                perSecond))
                + (failed.isEmpty() ? "" : "  failed: " + failed)
                + note;
    }
}
