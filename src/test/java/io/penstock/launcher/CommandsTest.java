package io.penstock.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.cli.Answers;
import io.penstock.cli.Loopback;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./penstock ask} and its like: the command line itself, as the launcher starts it. */
@Timeout(120)
class CommandsTest {
    private static final String KEY = "0123456789abcdef";
    private static final String CHAT = "POST /api/chat";

    @TempDir
    private Path folder;

    private Loopback server;
    private Launched launcher;

    @BeforeAll
    static void assumeThatThereIsBash() {
        assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
                "the launcher is a bash script, and this is no POSIX machine");
    }

    @BeforeEach
    void start() throws Exception {
        server = new Loopback().on(CHAT, Loopback.events(Answers.start(), Answers.done(11, "So.")));
        launcher = new Launched(folder).withCommandLine();
        launcher.write("data/api-key", KEY + "\n");
        launcher.write("data/address", server.url() + "\n");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private record Ended(int code, String out, String err) {}

    private Ended shell(String script) throws IOException, InterruptedException {
        Path err = folder.resolve("err");
        Process process = launcher.shell(script).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), out, Files.readString(err));
    }

    @Test
    void shouldAskTheOneThatRunsHereWithItsKeyAndShowThatToNobody() throws Exception {
        Ended ended = shell("\"$PENSTOCK\" ask What is a fence?");

        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).startsWith("So.\n\n[1] Notice 18").doesNotContain("\u001b");
        assertThat(ended.code()).isZero();
        assertThat(server.requests())
                .singleElement()
                .satisfies(request -> assertThat(request.body()).isEqualTo("{\"message\":\"What is a fence?\"}"))
                .satisfies(request ->
                        assertThat(request.headers().getFirst("X-API-Key")).isEqualTo(KEY));
        assertThat(launcher.commandsOfTheJvm())
                .contains("io.penstock.cli.Main ask")
                .doesNotContain(KEY);
    }

    @Test
    void shouldKeepAnArchiveOfClassesForThisJdkAndMakeItAnewForAnother() throws Exception {
        shell("\"$PENSTOCK\" ask one");
        shell("\"$PENSTOCK\" ask two");
        Path archive = launcher.built("cli.jsa");
        assertThat(archive).isNotEmptyFile();
        assertThat(launcher.commandsOfTheJvm().lines().filter(line -> line.endsWith("io.penstock.cli.Rehearsal")))
                .hasSize(1);

        launcher.write("jdk/release", "JAVA_VERSION=\"26\"\n");
        Files.setLastModifiedTime(archive, FileTime.from(Instant.EPOCH));
        assertThat(shell("\"$PENSTOCK\" ask three").code()).isZero();
        assertThat(Files.getLastModifiedTime(archive).toInstant()).isAfter(Instant.EPOCH);
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void shouldAnswerWithoutAnArchiveToo() throws Exception {
        shell("\"$PENSTOCK\" ask one");
        Files.writeString(launcher.built("cli.jsa"), "no archive");

        assertThat(shell("\"$PENSTOCK\" ask two"))
                .satisfies(ended -> assertThat(ended.out()).startsWith("So.\n"))
                .satisfies(ended -> assertThat(ended.err()).isEmpty());
    }

    @Test
    void shouldUseTheNewestCopyThoughSourcesHaveChanged() throws Exception {
        Path old = Files.createDirectories(launcher.built("").resolveSibling("old"));
        CommandLineJars.copyTo(old);
        Files.writeString(old.resolve("quarkus-run.jar"), "");
        Files.setLastModifiedTime(old.resolve("quarkus-run.jar"), FileTime.from(Instant.EPOCH));
        launcher.write("src/main/Something", "new");

        assertThat(shell("\"$PENSTOCK\" ask one").code()).isZero();
        assertThat(old.resolve("cli.jsa")).doesNotExist();
        assertThat(launcher.built("cli.jsa")).exists();
    }

    @Test
    void shouldPassOnExitCodes() throws Exception {
        server.on(CHAT, Loopback.events(Loopback.event("0-11-1-r", "done", Answers.noAnswer("Nothing."))));
        assertThat(shell("\"$PENSTOCK\" ask one").code()).isEqualTo(3);
        assertThat(shell("\"$PENSTOCK\" ask --wrong").code()).isEqualTo(2);
        assertThat(shell("\"$PENSTOCK\" mirror").code()).isEqualTo(8);
        launcher.write("data/api-key", "\n");
        assertThat(shell("\"$PENSTOCK\" status"))
                .satisfies(ended -> assertThat(ended.code()).isEqualTo(7))
                .satisfies(ended -> assertThat(ended.err()).contains("There is no key in "));
    }

    @Test
    void shouldTakeWordsOfAnyLanguageInAnyLocale() throws Exception {
        assertThat(shell("LC_ALL=C LANG=C \"$PENSTOCK\" ask 'Wie groß ist „Größe“? 船 😀'")
                        .code())
                .isZero();
        shell("printf 'Größe\\n' | LC_ALL=C LANG=C \"$PENSTOCK\" ask -");

        assertThat(server.requests())
                .extracting(Loopback.Request::body)
                .containsExactly("{\"message\":\"Wie groß ist „Größe“? 船 😀\"}", "{\"message\":\"Größe\"}");
    }

    @Test
    void shouldTakeFilesFromTheFolderOfTheCaller() throws Exception {
        launcher.write("elsewhere/key", "another-key");

        assertThat(shell("\"$PENSTOCK\" ask --key-file key one").code()).isZero();
        assertThat(server.requests().getFirst().headers().getFirst("X-API-Key")).isEqualTo("another-key");
    }

    @Test
    void shouldBeSilentWhenItsReaderGoes() throws Exception {
        String words = Answers.text(12, "word ".repeat(20_000));
        server.on(CHAT, Loopback.events(Answers.start(), words, words, Answers.done(13, "word")));

        Ended ended = shell("\"$PENSTOCK\" ask one | head -c 4; echo \" ${PIPESTATUS[0]}\"");

        assertThat(ended.out()).isEqualTo("word 141\n");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void shouldCloseTheConnectionWhenItIsEnded() throws Exception {
        assertEndedBy("TERM", 143);
    }

    @Test
    void shouldCloseTheConnectionOnCtrlC() throws Exception {
        Process probe = new ProcessBuilder("bash", "-c", "trap 'exit 7' INT; kill -INT $$; exit 0").start();
        assumeTrue(probe.waitFor() == 7, "the signal INT is ignored here: the tests run in the background of a script");
        assertEndedBy("INT", 130);
    }

    private void assertEndedBy(String signal, int code) throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        server.on(CHAT, Loopback.endless(gone, Answers.start(), Answers.text(11, "One two.")));
        Process process = launcher.shell("exec \"$PENSTOCK\" ask one").start();
        assertThat(new String(process.getInputStream().readNBytes(8), UTF_8)).isEqualTo("One two.");

        Launched.output("kill", "-" + signal, Long.toString(process.pid()));

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(code);
        assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(new String(process.getErrorStream().readAllBytes(), UTF_8)).isEmpty();
    }

    @Test
    void shouldUseColoursOnATerminalUnlessItIsToldNotTo() throws Exception {
        try {
            Process probe = new ProcessBuilder("script", "-qec", "exit 7", "/dev/null").start();
            probe.getOutputStream().close();
            assumeTrue(probe.waitFor() == 7, "`script` cannot make a terminal here");
        } catch (IOException e) {
            assumeTrue(false, "`script` is not installed on this machine");
        }

        assertThat(shell("TERM=xterm NO_COLOR= script -qec '\"$PENSTOCK\" ask one' /dev/null")
                        .out())
                .contains("\u001b[36m[1]\u001b[0m");
        assertThat(shell("TERM=xterm NO_COLOR=1 script -qec '\"$PENSTOCK\" ask one' /dev/null")
                        .out())
                .contains("[1] Notice 18")
                .doesNotContain("\u001b");
        assertThat(shell("TERM=dumb NO_COLOR= script -qec '\"$PENSTOCK\" ask one' /dev/null")
                        .out())
                .doesNotContain("\u001b");
    }
}
