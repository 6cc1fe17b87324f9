package io.penstock.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The launcher in a folder of its own, where everything seems to be built and the JDK's {@code java} runs {@link StandIn}. Stopped
 * when it is closed.
 */
final class Launched implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path root;
    private final Path copy;
    private final Map<String, String> environment = new TreeMap<>();
    private @Nullable Process process;

    Launched(Path root) throws IOException, InterruptedException {
        this.root = root.toRealPath();
        Files.copy(Path.of("penstock"), this.root.resolve("penstock"));
        write("pom.xml", "<project/>");
        write(".mvn/jvm.config", "");
        write("src/main/Nothing", "");
        write("jdk/release", "JAVA_VERSION=\"25\"\n");
        executable("jdk/bin/javac", "exit 1\n");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        // The command line is a program that starts soon, and runs as it is; everything else has a stand-in.
        executable(
                "jdk/bin/java",
                "case \"$*\" in *io.penstock.cli.*) printf '%s\\n' \"$*\" >>'" + this.root.resolve("commands")
                        + "'; exec '"
                        + java + "' \"$@\" ;; esac\n"
                        + "exec '" + java + "' -Xshare:auto -XX:TieredStopAtLevel=1 -cp '"
                        + Path.of("target/test-classes").toAbsolutePath() + "' " + StandIn.class.getName()
                        + " \"$@\"\n");
        // The launcher's own function says where it expects what it would have built.
        String print = output(
                "bash",
                "-c",
                "cd '" + this.root + "' && eval \"$(sed -n '/^fingerprint()/,/^}/p' penstock)\" && fingerprint");
        copy = this.root.resolve("target/run").resolve(print.strip());
        write("target/run/" + print.strip() + "/quarkus-run.jar", "");
        environment.put("JAVA_HOME", this.root.resolve("jdk").toString());
        environment.put("STAND_IN_JOURNAL", this.root.resolve("journal").toString());
    }

    /** Puts the command line into what seems to be built. */
    Launched withCommandLine() throws IOException {
        CommandLineJars.copyTo(copy);
        return this;
    }

    /** A file of what seems to be built. */
    Path built(String file) {
        return copy.resolve(file);
    }

    /** All that the process lists showed of JVMs that ran the command line. */
    String commandsOfTheJvm() {
        return text(root.resolve("commands"));
    }

    /** A shell in another folder, in which {@code $PENSTOCK} is the launcher. */
    ProcessBuilder shell(String script) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script)
                .directory(Files.createDirectories(root.resolve("elsewhere")).toFile());
        prepare(builder);
        builder.environment().put("PENSTOCK", root.resolve("penstock").toString());
        return builder;
    }

    private void prepare(ProcessBuilder builder) {
        builder.environment().keySet().removeIf(name -> name.matches("(PENSTOCK|KAFKA|SCHEMA_REGISTRY)_.*"));
        builder.environment().putAll(environment);
    }

    Launched with(String variable, Object value) {
        environment.put(variable, value.toString());
        return this;
    }

    Launched start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(root.resolve("penstock").toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
        prepare(builder);
        process = builder.start();
        return this;
    }

    Path log() {
        return root.resolve("log");
    }

    Path data(String file) {
        return root.resolve("data").resolve(file);
    }

    String text(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that was printed. */
    String printed() {
        return text(log());
    }

    /** When what was started and stopped, in order. */
    List<String> journal() {
        return text(root.resolve("journal")).lines().toList();
    }

    void awaitPrinted(String... parts) {
        Awaitility.await("the launcher prints " + Arrays.toString(parts) + "; all it has printed is in " + log())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> Arrays.stream(parts).allMatch(printed()::contains));
    }

    /** The process id of a member. */
    long pid(String member) {
        return Long.parseLong(text(data(member + "/pid")).strip());
    }

    /** A signal, and the code with which the launcher ends. */
    int end(String signal) throws IOException, InterruptedException {
        output("kill", "-" + signal, Long.toString(running().pid()));
        return awaitEnd();
    }

    int awaitEnd() throws InterruptedException {
        if (!running().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("The launcher does not end: " + printed());
        }
        return running().exitValue();
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("it was not started");
        }
        return process;
    }

    void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(java.util.Objects.requireNonNull(path.getParent()));
        Files.writeString(path, text);
    }

    private void executable(String file, String script) throws IOException {
        write(file, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(root.resolve(file), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static String output(String... command) throws IOException, InterruptedException {
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(tool.getInputStream().readAllBytes(), UTF_8);
        if (tool.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            List<ProcessHandle> members = process.descendants().toList();
            process.destroyForcibly();
            members.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
