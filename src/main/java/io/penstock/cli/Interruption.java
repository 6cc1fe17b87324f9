package io.penstock.cli;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What is still to be said when Ctrl-C or another signal ends a command. */
final class Interruption {
    private final AtomicReference<@Nullable String> lastWord = new AtomicReference<>();

    /** @param text null when there is nothing to say */
    void say(@Nullable String text) {
        lastWord.set(text);
    }

    /** Ends the line that was begun, so that the shell's prompt has one of its own. */
    void end(Screen out, Screen err) {
        out.close("");
        String text = lastWord.get();
        err.close(text == null ? "" : "penstock: " + text + "\n");
    }
}
