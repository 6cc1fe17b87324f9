package io.penstock.document;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.document.Exchange.Order;
import io.penstock.document.Exchange.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that reads documents, seen from outside. It gets no variable of the environment and a temporary folder of its own. When
 * anything goes wrong with it, it is killed; it is used for the next document only when it has replied to the last one.
 *
 * <p><b>Threading.</b> Used by one thread at a time. Whatever waits for the process waits on a thread that may be given up.
 */
final class ReaderHandle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReaderHandle.class);
    private static final int EXIT_OUT_OF_MEMORY = 3;
    private static final int LAST_WORDS = 2_000;
    private static final int MAX_DOCUMENTS = 500;
    private static final Duration END_PATIENCE = Duration.ofSeconds(5);

    private final Process process;
    private final Path folder;
    private final DataInputStream in;
    private final DataOutputStream out;
    /** Guarded by itself. */
    private final StringBuilder lastWords = new StringBuilder();

    private int documents;

    /** The process ended before it replied. */
    static final class GoneException extends IOException {
        private final boolean outOfMemory;

        GoneException(boolean outOfMemory, String message) {
            super(message);
            this.outOfMemory = outOfMemory;
        }

        boolean outOfMemory() {
            return outOfMemory;
        }
    }

    private ReaderHandle(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
        in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    }

    /**
     * Starts one, and returns when it is ready.
     *
     * @throws TimeoutException when it was not in time
     * @throws IOException when it cannot be started, or ended at once
     */
    static ReaderHandle start(DocumentSettings settings) throws IOException, TimeoutException, InterruptedException {
        Path folder = Files.createTempDirectory("penstock-documents-");
        ProcessBuilder builder = new ProcessBuilder(command(settings, folder)).directory(folder.toFile());
        builder.environment().clear();
        ReaderHandle handle;
        try {
            handle = new ReaderHandle(builder.start(), folder);
        } catch (IOException e) {
            delete(folder);
            throw e;
        }
        Thread.ofPlatform().daemon().name("penstock-documents-words").start(handle::listen);
        boolean ready = false;
        try {
            int said = handle.within(settings.startTimeout(), handle.in::readInt);
            if (said != Exchange.READY) {
                throw new IOException("it began with something else than what was expected");
            }
            ready = true;
            return handle;
        } finally {
            if (!ready) {
                handle.close();
            }
        }
    }

    private static List<String> command(DocumentSettings settings, Path folder) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + settings.heapMiB() + "m",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:MaxMetaspaceSize=192m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                // What the JVM itself has to say must not come between the replies.
                "-XX:+DisplayVMOutputToStderr",
                "-Xlog:disable",
                "-Djava.awt.headless=true",
                "-Djava.io.tmpdir=" + folder,
                "-Duser.home=" + folder,
                // No parser of XML reads anything but what it was given, whatever a library forgets to say.
                "-Djavax.xml.accessExternalDTD=",
                "-Djavax.xml.accessExternalSchema=",
                "-Djavax.xml.accessExternalStylesheet=",
                "-XX:ErrorFile=" + folder.resolve("error.log")));
        command.addAll(List.of("-cp", ClassPath.ofReaders(), ReaderProcess.class.getName()));
        return command;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Whatever parsers leave behind them does not add up for ever. */
    boolean isWornOut() {
        return documents >= MAX_DOCUMENTS;
    }

    /** Has a document read. After any exception the process is of no more use. */
    Reply read(Order order, Duration patience) throws IOException, TimeoutException, InterruptedException {
        documents++;
        return within(patience, () -> {
            Exchange.write(out, order);
            return Exchange.readReply(in, order.limits().maxCharacters());
        });
    }

    private <T> T within(Duration patience, Callable<T> work)
            throws IOException, TimeoutException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name("penstock-documents").start(task);
        try {
            return task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw gone(failure);
            }
            throw new IllegalStateException("A document could not be exchanged", e.getCause());
        }
    }

    private IOException gone(IOException failure) throws InterruptedException {
        if (!process.waitFor(END_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            return failure; // it says what makes no sense
        }
        int code = process.exitValue();
        if (code != EXIT_OUT_OF_MEMORY) {
            LOG.warn("A process that reads documents ended with {}: {}", code, lastWords());
        }
        return new GoneException(code == EXIT_OUT_OF_MEMORY, "it ended with " + code);
    }

    /** A process whose complaints nobody reads would come to a stop. */
    private void listen() {
        byte[] buffer = new byte[1024];
        try (InputStream complaints = process.getErrorStream()) {
            for (int read = complaints.read(buffer); read >= 0; read = complaints.read(buffer)) {
                synchronized (lastWords) {
                    lastWords.append(new String(buffer, 0, read, UTF_8));
                    lastWords.delete(0, Math.max(0, lastWords.length() - LAST_WORDS));
                }
            }
        } catch (IOException e) {
            LOG.debug("The process was killed while it was listened to", e);
        }
    }

    private String lastWords() {
        synchronized (lastWords) {
            return lastWords.toString();
        }
    }

    /** Kills it. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(END_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it ends without being watched
        }
        delete(folder);
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("The temporary folder {} was not removed: {}", folder, e.toString());
        }
    }
}
