package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.bench.MeasuredProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The packaged application in a process of its own, in a folder of its own under {@code target/it}. It can be started, stopped,
 * killed, and started again on the same data.
 */
final class PenstockProcess implements AutoCloseable {
    private static final Path APPLICATION =
            Path.of(System.getProperty("penstock.test.application", "target/quarkus-app/quarkus-run.jar"));
    private static final Pattern KAFKA = Pattern.compile("Kafka at (\\S+)");
    private static final int FIRST_PORT = 10_000;
    private static final int LAST_PORT = 30_000;
    private static final Duration START_PATIENCE = Duration.ofSeconds(90);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final Path home;
    private final Map<String, String> environment = new TreeMap<>();
    private @Nullable Process process;
    private @Nullable Api api;
    private Instant startedAt = Instant.EPOCH;
    private int starts;
    private int heapMiB = 768;
    /** Compile little and collect garbage simply: it runs for some minutes, and a start costs half of what it does else. */
    private List<String> options = MeasuredProcess.optionsOfTests();

    /** One that several test classes share: each process that runs tests has its own of this name. */
    static PenstockProcess shared(String name) {
        return new PenstockProcess(name + "-" + Integer.getInteger("penstock.test.process", 1));
    }

    /** @param name of the folder, which is emptied; no other test has one of that name */
    PenstockProcess(String name) {
        home = Path.of("target", "it", name).toAbsolutePath();
        deleteTree(home);
        try {
            Files.createDirectories(home.resolve("config"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        environment.put("PENSTOCK_PORT", "0");
        environment.put("PENSTOCK_KAFKA_PORT", "0");
        environment.put("PENSTOCK_DATA", data().toString());
        environment.put("PENSTOCK_CONFIG", home.resolve("config").toString());
        environment.put(
                "PENSTOCK_TOPOLOGIES", Path.of("topologies").toAbsolutePath().toString());
    }

    PenstockProcess with(String variable, Object value) {
        environment.put(variable, value.toString());
        return this;
    }

    PenstockProcess withHeap(int newHeapMiB) {
        heapMiB = newHeapMiB;
        return this;
    }

    /** Runs for long, on a JVM with the settings that it has in use. */
    PenstockProcess thatRunsForLong() {
        options = List.of();
        return this;
    }

    /** Makes it listen on the same port after each start: one that is free now. */
    PenstockProcess withFixedPort() {
        return with("PENSTOCK_PORT", freePort());
    }

    /**
     * A port that is free now, and that the system gives to nobody who asks for any: it would be taken by somebody's connection
     * before a process has started.
     */
    static int freePort() {
        while (true) {
            try (ServerSocket socket = new ServerSocket(
                    ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT), 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // Another one, then.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Writes a file below this application's own config folder. */
    PenstockProcess withConfig(String file, String text) {
        write(home.resolve("config").resolve(file), text);
        return this;
    }

    /** Gives the application its own copy of the topology files. */
    Path ownTopologies() {
        Path copy = home.resolve("topologies");
        try (Stream<Path> files = Files.list(Path.of("topologies"))) {
            Files.createDirectories(copy);
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        with("PENSTOCK_TOPOLOGIES", copy);
        return copy;
    }

    Path home() {
        return home;
    }

    Path data() {
        return home.resolve("data");
    }

    Api api() {
        if (api == null) {
            throw new IllegalStateException("The application was not started");
        }
        return api;
    }

    /** Starts the application and returns when it is ready; how long that took is the answer. */
    Duration start() {
        launch();
        Process running = running();
        Awaitility.await("the application in " + home + " is ready")
                .atMost(START_PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> isReady(running));
        return Duration.between(startedAt, Instant.now());
    }

    /** Starts the application and returns when it has printed this, which may be long before it is ready. */
    void startUntilItPrints(String text) {
        launch();
        Process running = running();
        Awaitility.await("the application in " + home + " prints " + text)
                .atMost(START_PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !running.isAlive() || text(log()).contains(text));
    }

    /** Starts an application that is expected to give up, and returns when it has ended. */
    Ended startAndEnd() throws InterruptedException {
        launch();
        Process running = running();
        if (!running.waitFor(START_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            running.destroyForcibly();
            throw new AssertionError("The application did not end; its log is " + log());
        }
        return new Ended(running.exitValue(), text(log()));
    }

    /** How a process ended, and all it had said. */
    record Ended(int code, String output) {}

    private void launch() {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException("It is running");
        }
        starts++;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMiB + "m",
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules",
                "jdk.incubator.vector"));
        command.addAll(options);
        command.addAll(List.of("-jar", APPLICATION.toAbsolutePath().toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.matches("(PENSTOCK|KAFKA|SCHEMA_REGISTRY|QUARKUS|PINECONE|REDIS|MONGODB)_.*"));
        builder.environment().putAll(environment);
        try {
            if (api != null) {
                // What a killed process left says where the one before was reached.
                Files.deleteIfExists(data().resolve("address"));
            }
            startedAt = Instant.now();
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isReady(Process running) {
        if (!running.isAlive()) {
            throw new IllegalStateException("The application ended with " + running.exitValue() + ": " + text(log()));
        }
        Path address = data().resolve("address");
        Path keyFile = data().resolve("api-key");
        String given = environment.get("PENSTOCK_API_KEY");
        if (!Files.exists(address) || (given == null && !Files.exists(keyFile))) {
            return false;
        }
        Api found = new Api(text(address).strip(), given == null ? text(keyFile).strip() : given);
        try {
            if (!found.url().startsWith("http")
                    || found.send(found.request("/q/health/ready").GET()).status() != 200) {
                return false;
            }
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof ConnectException) {
                return false; // the server is not listening yet
            }
            throw e;
        }
        api = found;
        return true;
    }

    /** The embedded broker's address. */
    String bootstrapServers() {
        Matcher matcher = KAFKA.matcher(text(log()));
        if (!matcher.find()) {
            throw new IllegalStateException("The log does not say where Kafka is: " + log());
        }
        return matcher.group(1);
    }

    /** All the process has printed since its last start. */
    Path log() {
        return home.resolve("log-" + starts + ".txt");
    }

    /** SIGKILL; returns when the process is gone. */
    void kill() {
        end(running().destroyForcibly());
    }

    /** SIGTERM, as Ctrl-C and service managers do it; how long the stop took is the answer. */
    Duration stop() {
        Instant begin = Instant.now();
        running().destroy();
        end(running());
        return Duration.between(begin, Instant.now());
    }

    private void end(Process ending) {
        try {
            if (!ending.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                ending.destroyForcibly();
                throw new AssertionError("The application did not stop in " + STOP_PATIENCE + "; its log is " + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the application stopped", e);
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("The application was not started");
        }
        return process;
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
            end(process);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path file, String text) {
        try {
            Path folder = file.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteTree(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
