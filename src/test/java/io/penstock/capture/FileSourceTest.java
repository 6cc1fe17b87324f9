package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.stage.CallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileSourceTest {
    @TempDir
    private Path root;

    private Path config;
    private Path allowed;
    private Path outside;
    private FileSource source;

    @BeforeEach
    void folders() throws IOException {
        config = Files.createDirectories(root.resolve("config"));
        allowed = Files.createDirectories(root.resolve("allowed"));
        outside = Files.createDirectories(root.resolve("outside"));
        Files.createDirectories(config.resolve("texts/deep"));
        Files.writeString(config.resolve("texts/a.txt"), "Text of a: é");
        Files.writeString(config.resolve("texts/deep/b.txt"), "Text of b");
        Files.writeString(config.resolve("secret.txt"), "inside the folder, but not below texts");
        Files.writeString(allowed.resolve("c.md"), "# c");
        Files.writeString(outside.resolve("passwords.txt"), "secret");
        Files.writeString(root.resolve("README.md"), "# Read me");
        source = new FileSource(CaptureSettings.of(config).withFolders(List.of(allowed, root.resolve("README.md"))));
    }

    @Test
    void shouldReadAFileBelowTheConfigFolder() throws Exception {
        CapturedContent content =
                source.fetch(Requests.file("texts/{value}.txt", "a")).only();

        assertThat(new String(content.content(), UTF_8)).isEqualTo("Text of a: é");
        assertThat(content.contentType()).isEqualTo("text/plain; charset=utf-8");
        assertThat(content.uri()).startsWith("file:///").endsWith("/config/texts/a.txt");
        assertThat(content.attributes()).containsKey("modified_at");
    }

    @Test
    void shouldAcceptAValueThatNamesAFolderBelow() throws Exception {
        assertThat(source.fetch(Requests.file("texts/{value}.txt", "deep/b"))
                        .only()
                        .content())
                .isEqualTo("Text of b".getBytes(UTF_8));
    }

    @Test
    void shouldReadWhereItIsAllowedByName() throws Exception {
        assertThat(source.fetch(Requests.file(allowed + "/{value}.md", "c"))
                        .only()
                        .contentType())
                .isEqualTo("text/markdown; charset=utf-8");
        assertThat(source.fetch(Requests.file("../allowed/{value}", "c.md"))
                        .only()
                        .content())
                .isEqualTo("# c".getBytes(UTF_8));
        assertThat(source.fetch(Requests.file("../{value}", "README.md")).only().content())
                .isEqualTo("# Read me".getBytes(UTF_8));
    }

    @Test
    void shouldReadThroughALinkThatStaysInside() throws Exception {
        Files.createSymbolicLink(config.resolve("texts/link.txt"), config.resolve("texts/a.txt"));

        assertThat(source.fetch(Requests.file("texts/{value}.txt", "link"))
                        .only()
                        .content())
                .isEqualTo("Text of a: é".getBytes(UTF_8));
    }

    @Test
    void shouldWorkWhenTheConfigFolderIsItselfALink() throws Exception {
        Path link = Files.createSymbolicLink(root.resolve("link"), config);

        assertThat(new FileSource(CaptureSettings.of(link))
                        .fetch(Requests.file("texts/a.txt", "x"))
                        .only()
                        .content())
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret",
                "../../outside/passwords",
                "deep/../../secret",
                "..",
                "/../secret",
                "..\\secret",
                "x\0y"
            })
    void shouldRefuseValuesThatClimb(String value) {
        assertRefused(Requests.file("texts/{value}.txt", value));
    }

    @Test
    void shouldRefusePathsOutsideTheFolders() {
        assertRefused(Requests.file(outside + "/{value}.txt", "passwords"));
        assertRefused(Requests.file("../outside/{value}.txt", "passwords"));
        assertRefused(Requests.file("{value}", "/etc/passwd"));
        assertRefused(Requests.file("../README.md.secret", "x"));
        assertRefused(Requests.file("../config-of-another/x", "x"));
    }

    @Test
    void shouldNotTellWhetherAFileOutsideExists() {
        CallException there = Requests.failure(source, Requests.file("../outside/passwords.txt", "x"));
        CallException notThere = Requests.failure(source, Requests.file("../outside/nothing.txt", "x"));

        assertThat(there.code()).isEqualTo(notThere.code());
    }

    @Test
    void shouldRefuseALinkThatLeadsOut() throws IOException {
        Files.createSymbolicLink(config.resolve("texts/link.txt"), outside.resolve("passwords.txt"));
        Files.createSymbolicLink(config.resolve("texts/folder"), outside);

        assertRefused(Requests.file("texts/{value}.txt", "link"));
        assertRefused(Requests.file("texts/{value}.txt", "folder/passwords"));
    }

    @Test
    void shouldFailForGoodWhenThereIsNoSuchFile() {
        CallException failure = Requests.failure(source, Requests.file("texts/{value}.txt", "none"));

        assertThat(failure.code()).isEqualTo("capture.not-found");
        assertThat(failure.isPermanent()).isTrue();
        assertThat(failure).hasMessageContaining("texts/none.txt");
    }

    @Test
    void shouldFailForGoodWhenItIsAFolder() {
        CallException failure = Requests.failure(source, Requests.file("{value}", "texts"));

        assertThat(failure.code()).isEqualTo("capture.unreadable");
        assertThat(failure.isPermanent()).isTrue();
        assertThat(failure).hasMessageContaining("texts is a folder. End the 'uri' with a slash");
    }

    @Test
    void shouldRefuseAFileThatIsTooLarge() throws Exception {
        Files.write(config.resolve("exact.txt"), new byte[100]);
        Files.write(config.resolve("large.txt"), new byte[101]);
        FileSource limited = new FileSource(CaptureSettings.of(config).withLimits(100, 1000));

        assertThat(limited.fetch(Requests.file("exact.txt", "x")).only().content())
                .hasSize(100);
        CallException failure = Requests.failure(limited, Requests.file("large.txt", "x"));
        assertThat(failure.code()).isEqualTo("record.too-large");
        assertThat(failure.isPermanent()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "a.txt, text/plain; charset=utf-8",
        "a.md, text/markdown; charset=utf-8",
        "a.HTML, text/html",
        "a.json, application/json; charset=utf-8",
        "a.csv, text/csv; charset=utf-8",
        "LICENSE, text/plain; charset=utf-8",
        "a.bin, application/octet-stream",
    })
    void shouldTellTheContentTypeByTheExtension(String name, String type) throws Exception {
        Files.writeString(config.resolve(name), "x");

        assertThat(source.fetch(Requests.file("{value}", name)).only().contentType())
                .isEqualTo(type);
    }

    @Test
    void shouldTellOldAndWideText() {
        assertThat(ContentTypes.of("a.txt", new byte[] {'c', 'a', 'f', (byte) 0xe9}))
                .isEqualTo("text/plain; charset=windows-1252");
        assertThat(ContentTypes.of("a.txt", new byte[] {(byte) 0xff, (byte) 0xfe, 'a', 0}))
                .isEqualTo("text/plain; charset=utf-16");
    }

    @Test
    void shouldBelieveTheConfiguredContentType() throws Exception {
        CaptureRequest request = Requests.of(
                Requests.source("file", "texts/a.txt")
                        .setContentType("text/html")
                        .build(),
                "x");

        assertThat(source.fetch(request).only().contentType()).isEqualTo("text/html; charset=utf-8");
    }

    private void assertRefused(CaptureRequest request) {
        CallException failure = Requests.failure(source, request);
        assertThat(failure.code()).isEqualTo("capture.outside-folder");
        assertThat(failure.isPermanent()).isTrue();
    }
}
