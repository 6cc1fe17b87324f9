package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.schema.RecordsConfig;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileSelectionTest {
    @TempDir
    private Path root;

    private Path config;
    private FileSource source;

    @BeforeEach
    void start() throws IOException {
        config = root.resolve("config");
        write("texts/b.txt", "b");
        write("texts/a.txt", "a");
        write("texts/a.md", "# a");
        write("texts/deep/c.txt", "c");
        write("texts/deep/er/d.txt", "d");
        write("texts/.hidden.txt", "hidden");
        write("texts/.git/x.txt", "hidden");
        write("other/z.txt", "z");
        write("odd/[1]*.txt", "odd");
        write("odd/1.txt", "not asked for");
        Files.createDirectories(root.resolve("outside"));
        Files.writeString(root.resolve("outside/secret.txt"), "secret");
        source = new FileSource(CaptureSettings.of(config).withTask(new TaskLimits(Duration.ofMinutes(1), 1, 6, 1000)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            texts/               | texts | a.md a.txt b.txt deep/c.txt deep/er/d.txt
            {value}/             | texts | a.md a.txt b.txt deep/c.txt deep/er/d.txt
            {value}/deep/        | texts | c.txt er/d.txt
            texts/*.txt          | texts | a.txt b.txt
            texts/**.txt         | texts | a.txt b.txt deep/c.txt deep/er/d.txt
            texts/*/*.txt        | texts | deep/c.txt
            texts/[ab].*         | texts | a.md a.txt b.txt
            texts/{value}.*      | a     | a.md a.txt
            */{value}.txt        | z     | other/z.txt
            """)
    void shouldTakeTheFilesOfAFolderOrPatternInOrder(String uri, String value, String expected) throws Exception {
        assertThat(keys(source.fetch(Requests.file(uri, value)))).containsExactly(expected.split(" ", -1));
    }

    @Test
    void shouldMakeARecordOfEachFileWithItsOwnLabelAndAddress() throws Exception {
        List<CapturedItem> items =
                source.fetch(Requests.file("texts/deep/", "x")).items();

        assertThat(items)
                .extracting(
                        CapturedItem::key,
                        CapturedItem::label,
                        item -> new String(item.content().content(), UTF_8),
                        item -> item.content().uri())
                .containsExactly(
                        tuple("c.txt", "Label of x: c.txt", "c", uri("texts/deep/c.txt")),
                        tuple("er/d.txt", "Label of x: er/d.txt", "d", uri("texts/deep/er/d.txt")));
    }

    @Test
    void shouldTakeWildcardsInAValueLiterally() throws Exception {
        assertThat(keys(source.fetch(Requests.file("odd/{value}*", "[1]*")))).containsExactly("[1]*.txt");
        assertThat(Requests.failure(source, Requests.file("texts/{value}/*", "*"))
                        .code())
                .isEqualTo("capture.not-found");
        assertThat(Requests.failure(source, Requests.file("{value}", "texts/*")).code())
                .isEqualTo("capture.not-found");
    }

    @Test
    void shouldFollowNoLinks() throws Exception {
        Files.createSymbolicLink(config.resolve("texts/deep/link.txt"), root.resolve("outside/secret.txt"));
        Files.createSymbolicLink(config.resolve("texts/deep/folder"), root.resolve("outside"));

        assertThat(keys(source.fetch(Requests.file("texts/deep/", "x")))).containsExactly("c.txt", "er/d.txt");
        assertThat(keys(source.fetch(Requests.file("texts/deep/**", "x")))).containsExactly("c.txt", "er/d.txt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside/", "../outside/*", "../*/secret.txt", "/etc/*", "../"})
    void shouldStayInTheFoldersThatAreAllowed(String uri) {
        assertThat(Requests.failure(source, Requests.file(uri, "x")).code()).isEqualTo("capture.outside-folder");
    }

    @Test
    void shouldRefuseAFolderThatIsALinkOut() throws Exception {
        Files.createSymbolicLink(config.resolve("out"), root.resolve("outside"));

        assertThat(Requests.failure(source, Requests.file("out/", "x")).code()).isEqualTo("capture.outside-folder");
        assertThat(Requests.failure(source, Requests.file("out/*.txt", "x")).code())
                .isEqualTo("capture.outside-folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../", "a/../../"})
    void shouldRefuseValuesThatClimb(String value) {
        assertThat(Requests.failure(source, Requests.file("texts/{value}*", value))
                        .code())
                .isEqualTo("capture.outside-folder");
        assertThat(Requests.failure(source, Requests.file("texts/*{value}x", value))
                        .code())
                .isEqualTo("capture.outside-folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none/", "texts/*.pdf", "texts/[.txt"})
    void shouldFailWhenNothingFits(String uri) {
        CallException failure = Requests.failure(source, Requests.file(uri, "x"));

        assertThat(failure.code()).isEqualTo("capture.not-found");
        assertThat(failure.isPermanent()).isTrue();
    }

    @Test
    void shouldBoundFilesByNumberAndBytes() throws Exception {
        for (int i = 0; i < 7; i++) {
            write("many/" + i + ".txt", "x");
        }
        write("large/a.txt", "x".repeat(600));
        write("large/b.txt", "y".repeat(600));

        assertThat(Requests.failure(source, Requests.file("many/", "x")).code()).isEqualTo("capture.too-many-records");
        assertThat(Requests.failure(source, Requests.file("large/", "x")).code())
                .isEqualTo("capture.too-many-bytes");
    }

    @Test
    void shouldTakeRecordsOutOfJsonFiles() throws Exception {
        write("json/a.json", "[{\"id\": 1}, {\"id\": 2}]");
        write("json/b.json", "[{\"id\": 3}]");
        CaptureRequest request = Requests.of(
                Requests.source("file", "json/*.json")
                        .setRecords(RecordsConfig.newBuilder()
                                .setPath("$")
                                .setKey("$.id")
                                .build())
                        .build(),
                "x");

        assertThat(keys(source.fetch(request))).containsExactly("1", "2", "3");
    }

    private String uri(String path) throws IOException {
        return config.toRealPath().resolve(path).toUri().toString();
    }

    private void write(String path, String text) throws IOException {
        Path file = config.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static List<@Nullable String> keys(Fetched fetched) {
        return fetched.items().stream().map(CapturedItem::key).toList();
    }
}
