package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ScreenTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static Screen screen(ByteArrayOutputStream stream, boolean terminal) {
        return new Screen(stream, terminal, true, 20);
    }

    @Test
    void shouldEndTheLineWhenItIsInterruptedAndPrintNothingMore() {
        Screen screen = screen(out, true);
        Interruption interruption = new Interruption();
        interruption.say("the run goes on");
        screen.print("One two").flush();

        interruption.end(screen, screen(err, true));
        screen.print("three").flush();

        assertThat(out).hasToString("One two\n");
        assertThat(err).hasToString("penstock: the run goes on\n");
    }

    @Test
    void shouldLeaveAnInterruptedPipeAsItIs() {
        Screen screen = screen(out, false);
        screen.print("One two").flush();

        new Interruption().end(screen, screen(err, false));

        assertThat(out).hasToString("One two");
        assertThat(err.size()).isZero();
    }

    @Test
    @Timeout(20)
    void shouldEndThoughTheReaderOfAPipeTakesNothing() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(1);
        Screen screen = new Screen(
                new OutputStream() {
                    @Override
                    public void write(int octet) throws IOException {
                        writing.countDown();
                        try {
                            taken.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }
                },
                false,
                false,
                80);
        Thread writer = Thread.startVirtualThread(() -> screen.print("One two").flush());
        writing.await();

        new Interruption().end(screen, screen(err, false));

        taken.countDown();
        writer.join();
    }

    @Test
    void shouldPrintWordsAsTheyComeAndBreakLinesBetweenThem() {
        Screen screen = screen(out, true);
        Wrapping wrapping = new Wrapping(screen, "");
        wrapping.append("Eleven lett");
        screen.flush();
        assertThat(out.toString(UTF_8)).isEqualTo("Eleven");

        wrapping.append("ers or more\n\n  of it");
        wrapping.end();
        screen.flush();
        assertThat(out.toString(UTF_8)).isEqualTo("Eleven letters or\nmore\n\n  of it");
    }

    @Test
    void shouldBreakWhatHasNoBlanks() {
        Screen screen = screen(out, true);
        Wrapping wrapping = new Wrapping(screen, "  ");
        wrapping.append("夜間は、燃料を積むすべての船に水先が要る。");
        wrapping.end();
        screen.flush();

        assertThat(out.toString(UTF_8)).isEqualTo("  夜間は、燃料を積むす\n  べての船に水先が要る\n  。");
    }

    @Test
    void shouldPutTheHalvesOfACharacterTogetherThatPiecesTearApart() {
        for (boolean terminal : new boolean[] {true, false}) {
            out.reset();
            Screen screen = screen(out, terminal);
            Wrapping wrapping = new Wrapping(screen, "");
            wrapping.append("a\ud83d");
            wrapping.append("\ude00b");
            wrapping.end();
            screen.flush();
            assertThat(out.toString(UTF_8)).isEqualTo("a\ud83d\ude00b");
        }
    }

    @Test
    void shouldKeepTextAsItIsInAPipe() {
        Screen screen = screen(out, false);
        Wrapping wrapping = new Wrapping(screen, "");
        wrapping.append("A line that is longer than any terminal here  has\tcolumns,\n and more ");
        wrapping.end();
        screen.flush();

        assertThat(out.toString(UTF_8))
                .isEqualTo("A line that is longer than any terminal here  has\tcolumns,\n and more ");
    }

    @Test
    void shouldMeasureColumnsAndNotCharacters() {
        assertThat(Width.of("e\u0301")).isEqualTo(1);
        assertThat(Width.of("船")).isEqualTo(2);
        assertThat(Width.of("\ud83d\ude00")).isEqualTo(2);
        assertThat(Width.pad("船", 4)).isEqualTo("船  ");
        assertThat(Width.cut("abcdef", 6)).isEqualTo("abcdef");
        assertThat(Width.cut("abcdef", 4)).isEqualTo("abc…");
        assertThat(Width.cut("船船船", 4)).isEqualTo("船…");
        assertThat(Width.cut("ab", 0)).isEmpty();
    }

    @Test
    void shouldAlignColumns() {
        Screen screen = screen(out, false);
        new Grid("A", "LONG", "B").row("x\ny", "1", "").row("longer", "2", "3").print(screen);
        screen.flush();

        assertThat(out.toString(UTF_8).lines())
                .containsExactly("  A       LONG  B", "  x y     1", "  longer  2     3");
    }
}
