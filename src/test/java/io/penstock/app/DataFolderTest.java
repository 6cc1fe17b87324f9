package io.penstock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    private Path parent;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void name() {
        folder = parent.resolve("deep").resolve("data");
    }

    @Test
    void shouldMakeTheFolderAndRecordItsFormat() throws IOException {
        try (DataFolder data = DataFolder.open(folder)) {
            assertThat(folder.resolve("format-version")).hasContent("1\n");
            assertThat(data.kafka().getParent()).isEqualTo(folder);
        }
        try (DataFolder again = DataFolder.open(folder)) {
            assertThat(again.streams().getParent()).isEqualTo(folder);
        }
    }

    @Test
    void shouldSayWhoHasTheFolder() {
        try (DataFolder first = DataFolder.open(folder)) {
            assertBusy("an address that is not known yet");
            first.announce("http://127.0.0.1:8080");
            assertBusy("http://127.0.0.1:8080");
        }
        assertThat(folder.resolve("address")).doesNotExist();
        DataFolder.open(folder).close();
    }

    private void assertBusy(String address) {
        assertThatThrownBy(() -> DataFolder.open(folder)).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.BUSY);
            assertThat(e.detail()).contains(address, folder.toString(), "PENSTOCK_DATA");
        });
    }

    @Test
    void shouldRefuseAFormatThatItDoesNotKnowAndLetGoOfTheFolder() throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("format-version"), "99\n");

        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> DataFolder.open(folder)).isInstanceOfSatisfying(PenstockException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                assertThat(e.detail()).contains("'99'", folder.toString(), "PENSTOCK_DATA");
            });
        }
        Files.writeString(folder.resolve("format-version"), "1\n");
        DataFolder.open(folder).close();
    }

    @Test
    void shouldRefuseAFolderThatCannotBeOne() throws IOException {
        Files.createDirectories(folder.getParent());
        Files.writeString(folder, "a file");

        assertThatThrownBy(() -> DataFolder.open(folder)).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
            assertThat(e.detail()).contains(folder.toString(), "PENSTOCK_DATA");
        });
    }

    @Test
    void shouldMakeAKeyThatOnlyItsOwnerReadsAndKeepIt() throws IOException {
        String key;
        try (DataFolder data = DataFolder.open(folder)) {
            key = data.apiKey();
            assertThat(key).matches("[0-9a-f]{48}");
            assertThat(Files.getPosixFilePermissions(data.keyFile()))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            assertThat(folder.resolve("api-key.new")).doesNotExist();
        }
        try (DataFolder data = DataFolder.open(folder)) {
            assertThat(data.apiKey()).isEqualTo(key);
        }
        try (DataFolder other = DataFolder.open(parent.resolve("other"))) {
            assertThat(other.apiKey()).isNotEqualTo(key);
        }
    }

    @Test
    void shouldMakeAnotherKeyInThePlaceOfAnEmptyOne() throws IOException {
        try (DataFolder data = DataFolder.open(folder)) {
            Files.writeString(data.keyFile(), "\n");

            assertThat(data.apiKey()).hasSize(48);
            assertThat(Files.getPosixFilePermissions(data.keyFile()))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }
}
