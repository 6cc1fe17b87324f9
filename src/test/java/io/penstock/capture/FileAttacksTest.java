package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.stage.CallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attempts to read what lies outside the folders that capture may read, or what never ends. */
class FileAttacksTest {
    private static final String SECRET = "the secret";

    @TempDir
    private Path root;

    private Path config;
    private Path outside;
    private FileSource source;

    @BeforeEach
    void folders() throws IOException {
        config = Files.createDirectories(root.resolve("config"));
        outside = Files.createDirectories(root.resolve("outside"));
        Files.createDirectories(config.resolve("texts"));
        Files.writeString(config.resolve("texts/a.txt"), "text of a");
        Files.writeString(outside.resolve("secret.txt"), SECRET);
        source = new FileSource(CaptureSettings.of(config).withLimits(1000, 2000));
    }

    @Attack("path-climbs")
    @ParameterizedTest
    @ValueSource(strings = {"../../outside/secret", "x/../../../outside/secret", "..\\..\\outside\\secret", ".."})
    void shouldNotClimbByAValue(String value) {
        assertOutside(Requests.file("texts/{value}.txt", value));
    }

    @Attack("template-climbs")
    @ParameterizedTest
    @ValueSource(strings = {"../outside/secret.txt", "texts/../../outside/{value}.txt", "./../outside/./secret.txt"})
    void shouldNotClimbByATemplate(String template) {
        assertOutside(Requests.file(template, "secret"));
    }

    @Attack("absolute-path")
    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "//etc/passwd", "/etc/../etc/passwd"})
    void shouldNotReadByAnAbsolutePath(String path) {
        assertOutside(Requests.file("{value}", path));
        assertOutside(Requests.file(path, "x"));
    }

    @Attack("folder-of-a-like-name")
    @Test
    void shouldNotTakeAFolderForOneWhoseNameBeginsAlike() throws IOException {
        Files.createDirectories(root.resolve("config-of-others"));
        Files.writeString(root.resolve("config-of-others/secret.txt"), SECRET);

        assertOutside(Requests.file("../config-of-others/secret.txt", "x"));
    }

    @Attack("case-of-a-path")
    @Test
    void shouldNotTakeAFolderForOneThatIsWrittenOtherwise() throws IOException {
        Path other = root.resolve("CONFIG");
        assumeTrue(!Files.exists(other), "skipped: this file system does not tell cases apart");
        Files.createDirectories(other);
        Files.writeString(other.resolve("secret.txt"), SECRET);

        assertOutside(Requests.file("../CONFIG/secret.txt", "x"));
    }

    @Attack("nul-in-a-path")
    @Test
    void shouldNotCutAPathAtANul() {
        assertOutside(Requests.file("texts/{value}.txt", "a.txt\0"));
    }

    @Attack("link-to-a-file")
    @Test
    void shouldNotFollowALinkOut() throws IOException {
        Files.createSymbolicLink(config.resolve("texts/link.txt"), outside.resolve("secret.txt"));

        assertOutside(Requests.file("texts/link.txt", "x"));
    }

    @Attack("link-to-a-folder")
    @Test
    void shouldNotFollowALinkedFolderOut() throws IOException {
        Files.createSymbolicLink(config.resolve("texts/folder"), outside);
        Files.createSymbolicLink(config.resolve("texts/twice"), config.resolve("texts/folder"));

        assertOutside(Requests.file("texts/folder/secret.txt", "x"));
        assertOutside(Requests.file("texts/twice/secret.txt", "x"));
    }

    @Attack("process-files")
    @ParameterizedTest
    @ValueSource(strings = {"/proc/self/environ", "/proc/self/cmdline", "/proc/1/environ"})
    void shouldNotReadWhatTheSystemTellsOfProcesses(String path) throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self")), "skipped: there is no /proc here");
        Files.createSymbolicLink(config.resolve("texts/process.txt"), Path.of(path));

        assertOutside(Requests.file(path, "x"));
        assertOutside(Requests.file("texts/process.txt", "x"));
    }

    @Attack("ways-through-proc")
    @ParameterizedTest
    @ValueSource(strings = {"fd", "exe", "root/etc/passwd"})
    void shouldNotReadWhatAProcessHasOpen(String path) throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/" + path)), "skipped: there is no /proc here");
        Files.createSymbolicLink(config.resolve("texts/self"), Path.of("/proc/self"));

        assertOutside(Requests.file("texts/self/" + path, "x"));
    }

    @Attack("devices")
    @Test
    @Timeout(10)
    void shouldNotReadDevices() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/zero")), "skipped: there is no /dev/zero here");
        Files.createSymbolicLink(config.resolve("texts/zero.txt"), Path.of("/dev/zero"));

        assertOutside(Requests.file("texts/zero.txt", "x"));
        // Even where somebody allows it.
        FileSource careless = new FileSource(CaptureSettings.of(config).withFolders(List.of(Path.of("/dev"))));
        assertThat(Requests.failure(careless, Requests.file("/dev/zero", "x")).code())
                .isEqualTo("capture.unreadable");
    }

    @Attack("pipe")
    @Test
    @Timeout(10)
    void shouldNotWaitForAPipe() throws Exception {
        Path pipe = config.resolve("texts/pipe.txt");
        Process mkfifo;
        try {
            mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        } catch (IOException e) {
            assumeTrue(false, "skipped: there is no mkfifo here");
            return;
        }
        assertThat(mkfifo.waitFor(5, TimeUnit.SECONDS)).isTrue();

        assertThat(Requests.failure(source, Requests.file("texts/pipe.txt", "x"))
                        .code())
                .isEqualTo("capture.unreadable");
    }

    @Attack("endless-file")
    @Test
    void shouldNotReadMoreThanMayBeKept() throws IOException {
        Files.write(config.resolve("texts/large.txt"), new byte[1001]);

        assertThat(Requests.failure(source, Requests.file("texts/large.txt", "x"))
                        .code())
                .isEqualTo("record.too-large");
    }

    @Attack("file-exchanged-for-a-link")
    @Test
    void shouldNotReadAFileThatBecameALinkAfterItWasJudged() throws Exception {
        Path file = config.resolve("texts/a.txt");
        FileJail jail = new FileJail(List.of(config), () -> exchange(file, outside.resolve("secret.txt")));

        assertNothingRead(jail, file);
    }

    @Attack("folder-exchanged-for-a-link")
    @Test
    void shouldNotReadThroughAFolderThatBecameALinkAfterItWasJudged() throws Exception {
        Files.writeString(outside.resolve("a.txt"), SECRET);
        FileJail jail = new FileJail(List.of(config), () -> exchange(config.resolve("texts"), outside));

        assertNothingRead(jail, config.resolve("texts/a.txt"));
    }

    @Attack("whether-a-file-exists")
    @Test
    void shouldNotTellWhetherAFileOutsideExists() {
        CallException there = Requests.failure(source, Requests.file("../outside/secret.txt", "x"));
        CallException notThere = Requests.failure(source, Requests.file("../outside/nothing.txt", "x"));

        assertThat(there.code()).isEqualTo(notThere.code());
        assertThat(String.valueOf(there.getMessage()).replace("secret", "nothing"))
                .isEqualTo(notThere.getMessage());
    }

    private static void exchange(Path path, Path target) {
        try {
            Files.move(path, path.resolveSibling("moved-away"));
            Files.createSymbolicLink(path, target);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assertNothingRead(FileJail jail, Path file) {
        try (FileJail.Opened opened = jail.open(file)) {
            byte[] content =
                    java.nio.channels.Channels.newInputStream(opened.channel()).readAllBytes();
            throw new AssertionError("read: " + new String(content, java.nio.charset.StandardCharsets.UTF_8));
        } catch (IOException | CallException e) {
            assertThat(e).isNotInstanceOf(java.nio.file.NoSuchFileException.class);
        }
    }

    private void assertOutside(CaptureRequest request) {
        CallException failure = Requests.failure(source, request);
        assertThat(failure.code()).isEqualTo("capture.outside-folder");
        assertThat(failure.isPermanent()).isTrue();
    }
}
