package io.penstock.gateway;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConfigWatchTest {
    private final AtomicInteger refreshes = new AtomicInteger();

    @TempDir
    private Path folder;

    @Test
    void shouldHaveTheFolderReadOnceForEachChange() throws IOException {
        Files.writeString(folder.resolve("a.json"), "[]");
        try (ConfigWatch watch = watch()) {
            watch.start();
            Files.writeString(folder.resolve("a.json"), "[1]");
            await().until(() -> refreshes.get() == 1);

            Files.createDirectory(folder.resolve("processors"));
            Files.writeString(folder.resolve("processors/b.json"), "[]");
            await().until(() -> refreshes.get() == 2);

            Files.delete(folder.resolve("a.json"));
            await().until(() -> refreshes.get() == 3);
            await().during(Duration.ofMillis(200)).until(() -> refreshes.get() == 3);
        }
    }

    @Test
    void shouldSeeAChangeMadeBeforeItStarted() throws IOException {
        try (ConfigWatch watch = watch()) {
            Files.writeString(folder.resolve("a.json"), "[]");
            watch.start();

            await().until(() -> refreshes.get() == 1);
        }
    }

    @Test
    void shouldTryAgainWhenReadingFailed() throws IOException {
        try (ConfigWatch watch = new ConfigWatch(folder, ConfigWatch.look(folder), Duration.ofMillis(20), () -> {
            if (refreshes.incrementAndGet() < 3) {
                throw new IllegalStateException("not now");
            }
        })) {
            watch.start();
            Files.writeString(folder.resolve("a.json"), "[]");

            await().until(() -> refreshes.get() == 3);
            await().during(Duration.ofMillis(200)).until(() -> refreshes.get() == 3);
        }
    }

    private ConfigWatch watch() {
        return new ConfigWatch(
                folder, ConfigWatch.look(folder), Duration.ofMillis(20), () -> refreshes.incrementAndGet());
    }
}
