package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where a command prints, in UTF-8: a terminal, or anything else, which gets plain text. What is printed may come from documents of
 * others, so no control character of it gets through. Nothing is seen before {@link #flush}.
 *
 * <p>Any thread may call it: an interrupted command says its last word from a thread of its own.
 */
final class Screen {
    private static final Duration CLOSE_PATIENCE = Duration.ofMillis(300);
    private static final String TO_LINE_START_AND_CLEAR = "\r\u001b[K";

    private final OutputStream stream;
    private final boolean terminal;
    private final boolean colours;
    private final int columns;
    /** Held by whoever writes, which takes as long as the reader of a pipe likes. */
    private final ReentrantLock lock = new ReentrantLock();

    private boolean withinLine;
    private boolean closed;

    /** @param columns width of the terminal; of no meaning when there is none */
    Screen(OutputStream stream, boolean terminal, boolean colours, int columns) {
        this.stream = new BufferedOutputStream(stream);
        this.terminal = terminal;
        this.colours = terminal && colours;
        this.columns = columns;
    }

    boolean isTerminal() {
        return terminal;
    }

    boolean showsColours() {
        return colours;
    }

    int columns() {
        return columns;
    }

    Screen print(String text) {
        return print(text, Style.PLAIN);
    }

    Screen print(String text, Style style) {
        if (!text.isEmpty()) {
            String harmless = harmless(text);
            write(colours ? style.around(harmless) : harmless, !harmless.endsWith("\n"));
        }
        return this;
    }

    Screen line(String text) {
        return print(text).line();
    }

    Screen line() {
        return print("\n");
    }

    /** Puts text in place of the line that the cursor is in. Only for terminals. */
    void replaceLine(String text) {
        write(TO_LINE_START_AND_CLEAR + harmless(text), !text.isEmpty());
        flush();
    }

    void flush() {
        lock.lock();
        try {
            if (!closed) {
                stream.flush();
            }
        } catch (IOException e) {
            throw new BrokenPipe(e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the line that was begun, if any, says a last word, if any, and takes nothing more. Does not wait for a reader that takes
     * nothing.
     */
    void close(String lastWord) {
        try {
            if (!lock.tryLock(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            try {
                print((withinLine && terminal ? "\n" : "") + lastWord).flush();
            } finally {
                closed = true;
                lock.unlock();
            }
        } catch (BrokenPipe e) {
            // It is the end anyway.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(String text, boolean leavesLineOpen) {
        lock.lock();
        try {
            if (!closed) {
                stream.write(text.getBytes(UTF_8));
                withinLine = leavesLineOpen;
            }
        } catch (IOException e) {
            throw new BrokenPipe(e);
        } finally {
            lock.unlock();
        }
    }

    /** The text on one line. */
    static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    /**
     * Without control characters, which could move the cursor, change the title of the window or worse, and without those that turn the
     * direction of text, which could make it read as something else.
     */
    static String harmless(String text) {
        if (text.chars().noneMatch(Screen::isHarmful)) {
            return text;
        }
        StringBuilder kept = new StringBuilder(text.length());
        text.chars().forEach(character -> kept.append(isHarmful(character) ? '\ufffd' : (char) character));
        return kept.toString();
    }

    private static boolean isHarmful(int character) {
        return (Character.isISOControl(character) && character != '\n' && character != '\t')
                || turnsDirection(character);
    }

    /** Whether it belongs to the explicit formatting of Unicode's bidirectional algorithm (UAX #9). */
    static boolean turnsDirection(int character) {
        return (character >= '\u202a' && character <= '\u202e')
                || (character >= '\u2066' && character <= '\u2069')
                || character == '\u200e'
                || character == '\u200f'
                || character == '\u061c';
    }
}
