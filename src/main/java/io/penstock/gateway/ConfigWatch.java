package io.penstock.gateway;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the configuration folder again and again, and has it read when a file in it is new, gone, or another. It asks for sizes
 * and times only, and waits until they stay the same from one look to the next, so that nothing is read while it is being written.
 * Every so often the folder is read anyway: data lists may lie elsewhere. Looking works on every file system, which being told does
 * not.
 *
 * <p><b>Threading.</b> One thread of its own, from {@link #start()} to {@link #close()}.
 */
public final class ConfigWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);
    private static final int MAX_DEPTH = 4;
    private static final int MAX_FILES = 10_000;
    private static final Duration ANYWAY = Duration.ofMinutes(1);

    private final Path folder;
    private final Duration interval;
    private final Refresh refresh;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("penstock-config").factory());
    private Map<Path, String> applied;
    private Map<Path, String> last;
    private long readAt = System.nanoTime();

    /** Has the folder read. */
    @FunctionalInterface
    public interface Refresh {
        void refresh() throws InterruptedException;
    }

    /**
     * @param seen what the folder looked like before it was read: see {@link #look(Path)}
     * @param interval from one look to the next; zero for none
     */
    public ConfigWatch(Path folder, Map<Path, String> seen, Duration interval, Refresh refresh) {
        this.folder = folder;
        this.interval = interval;
        this.refresh = refresh;
        this.applied = seen;
        this.last = seen;
    }

    public void start() {
        if (interval.isPositive()) {
            var _ = looks.scheduleWithFixedDelay(
                    this::lookAgain, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void lookAgain() {
        Map<Path, String> now = look(folder);
        boolean settled = now.equals(last);
        last = now;
        boolean due = System.nanoTime() - readAt > ANYWAY.toNanos();
        if (!settled || (now.equals(applied) && !due)) {
            return;
        }
        try {
            refresh.refresh();
            applied = now;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("The configuration folder could not be read again; the next look tries", e);
        } finally {
            readAt = System.nanoTime();
        }
    }

    /** Sizes and times of the files in a folder and those below, up to a depth. */
    public static Map<Path, String> look(Path folder) {
        Map<Path, String> found = new TreeMap<>();
        try {
            Files.walkFileTree(
                    folder,
                    EnumSet.of(java.nio.file.FileVisitOption.FOLLOW_LINKS),
                    MAX_DEPTH,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                            if (file.toString().endsWith(".json")) {
                                found.put(
                                        file,
                                        attributes.size() + " " + attributes.lastModifiedTime() + " "
                                                + attributes.fileKey());
                            }
                            return found.size() < MAX_FILES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException failure) {
                            return FileVisitResult.CONTINUE; // what cannot be looked at is told when it is read
                        }
                    });
        } catch (IOException e) {
            LOG.debug("The configuration folder cannot be looked at", e);
        }
        return found;
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
