package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBookTest {
    private final Map<String, String> environment = new TreeMap<>();

    @TempDir
    private Path folder;

    @BeforeEach
    void makeDataFolder() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/api-key"), "key-of-the-folder\n");
    }

    private Address find(@Nullable String url, @Nullable String key, @Nullable String keyFile) {
        Screen screen = new Screen(OutputStream.nullOutputStream(), false, false, 80);
        return new AddressBook(new Surroundings(
                        environment,
                        folder,
                        folder.resolve("caller"),
                        InputStream.nullInputStream(),
                        false,
                        screen,
                        screen,
                        Time.SYSTEM,
                        new Interruption()))
                .find(url, key, keyFile == null ? null : Path.of(keyFile));
    }

    private Address find() {
        return find(null, null, null);
    }

    @Test
    void shouldFindTheOneThatRunsHere() throws IOException {
        assertThat(find().url()).hasToString("http://127.0.0.1:8080");
        assertThat(find().key()).isEqualTo("key-of-the-folder");

        environment.put("PENSTOCK_PORT", "9999");
        assertThat(find().url()).hasToString("http://127.0.0.1:9999");
        environment.put("PENSTOCK_HOST", "::1");
        assertThat(find().url()).hasToString("http://[::1]:9999");
        environment.put("PENSTOCK_HOST", "0.0.0.0");
        assertThat(find().url()).hasToString("http://127.0.0.1:9999");

        Files.writeString(folder.resolve("data/address"), "http://127.0.0.1:7777\n");
        assertThat(find().url()).hasToString("http://127.0.0.1:7777");

        Files.createDirectories(folder.resolve("elsewhere"));
        Files.writeString(folder.resolve("elsewhere/api-key"), "another-key");
        environment.put("PENSTOCK_DATA", "elsewhere");
        assertThat(find())
                .isEqualTo(new Address(
                        java.net.URI.create("http://127.0.0.1:9999"),
                        "another-key",
                        folder.resolve("elsewhere/api-key").toString()));
    }

    @Test
    void shouldPreferWhatIsNearerToTheCall() throws IOException {
        environment.put("PENSTOCK_URL", "https://penstock.example.org/at/");
        environment.put("PENSTOCK_API_KEY", "key-of-the-variable");
        assertThat(find().url()).hasToString("https://penstock.example.org/at");
        assertThat(find().at("/api/chat")).hasToString("https://penstock.example.org/at/api/chat");
        assertThat(find().key()).isEqualTo("key-of-the-variable");

        Files.createDirectories(folder.resolve("caller"));
        Files.writeString(folder.resolve("caller/key"), "key-of-the-file\n");
        assertThat(find(null, null, "key").key()).isEqualTo("key-of-the-file");
        assertThat(find("http://localhost:1", "key-of-the-argument", null))
                .isEqualTo(new Address(java.net.URI.create("http://localhost:1"), "key-of-the-argument", "--key"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://penstock.example.org", "http://10.0.0.1:8080", "http://127.0.0.1.example.org"})
    void shouldSendTheKeyOfTheDataFolderToThisMachineOnly(String url) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> find(url, null, null))
                .satisfies(failure -> assertThat(failure.exit()).isEqualTo(ExitCode.UNAUTHORIZED))
                .withMessageContaining("is sent to this machine only");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:1", "http://127.8.0.1:1", "http://[::1]:1"})
    void shouldKnowThisMachineByItsNames(String url) {
        assertThat(find(url, null, null).key()).isEqualTo("key-of-the-folder");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost:8080",
                "ftp://a",
                "http://",
                "http://a b",
                "http://a?b=c",
                "http://a#b",
                "http://u:p@a"
            })
    void shouldRefuseWhatIsNoAddress(String url) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> find(url, "key", null))
                .satisfies(failure -> assertThat(failure.exit()).isEqualTo(ExitCode.USAGE))
                .satisfies(failure -> assertThat(failure.detail()).doesNotContain("u:p"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "two words", "line\nbreak", "schlüssel"})
    void shouldRefuseWhatIsNoKeyWithoutShowingIt(String key) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> find(null, key, null))
                .withMessage("What --key holds is no key; a key is letters, digits and signs of ASCII without blanks.");
    }

    @Test
    void shouldSayWhereThereIsNoKey() throws IOException {
        Files.delete(folder.resolve("data/api-key"));

        assertThatExceptionOfType(Failure.class)
                .isThrownBy(this::find)
                .satisfies(failure -> assertThat(failure.code()).isEqualTo("key.missing"))
                .withMessageContaining("There is no key in " + folder.resolve("data/api-key"));
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> find(null, null, "nothing"))
                .withMessageContaining("There is no key in " + folder.resolve("caller/nothing"));
    }

    @Test
    void shouldNotShowTheKeyAsText() {
        assertThat(find()).hasToString("http://127.0.0.1:8080");
    }
}
