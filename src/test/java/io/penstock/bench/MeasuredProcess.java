package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM of its own, and what it uses of the machine. It is stopped when it is closed. */
public final class MeasuredProcess implements AutoCloseable {
    private static final Path JAVA_BIN = Path.of(System.getProperty("java.home"), "bin");
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    /** What the launcher gives to the application. */
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xmx1g",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--add-modules",
            "jdk.incubator.vector",
            "--sun-misc-unsafe-memory-access=allow");

    private final Process process;
    private final BufferedReader answers;

    private MeasuredProcess(Process process) {
        this.process = process;
        this.answers = process.inputReader(UTF_8);
    }

    /** The packaged application with the options of {@code PENSTOCK_JAVA_OPTS}; its output goes to a file. */
    static MeasuredProcess application(Map<String, String> environment, Path log) throws IOException {
        String jar = System.getProperty("penstock.test.application", "target/quarkus-app/quarkus-run.jar");
        List<String> command = new ArrayList<>(furtherOptions());
        command.addAll(List.of("-jar", Path.of(jar).toAbsolutePath().toString()));
        ProcessBuilder builder = java(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> name.matches("(PENSTOCK|KAFKA|SCHEMA_REGISTRY|QUARKUS)_.*"));
        builder.environment().putAll(environment);
        return new MeasuredProcess(builder.start());
    }

    /** A program from this class path, which takes orders and answers in lines. Its errors go to a file. */
    public static MeasuredProcess program(Class<?> main, Path log, String... arguments) throws IOException {
        return program(main, log, List.of(), arguments);
    }

    /** @param options further ones for the JVM */
    public static MeasuredProcess program(Class<?> main, Path log, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new MeasuredProcess(java(command).redirectError(log.toFile()).start());
    }

    /** As the launcher takes them. */
    private static List<String> furtherOptions() {
        return words(System.getenv().getOrDefault("PENSTOCK_JAVA_OPTS", ""));
    }

    /** Of a process that is there to be tested, and lives for some minutes; none where something is measured. */
    public static List<String> optionsOfTests() {
        return words(System.getProperty("penstock.test.jvm.options", ""));
    }

    private static List<String> words(String options) {
        return options.isBlank() ? List.of() : List.of(options.strip().split("\\s+"));
    }

    private static boolean choosesCollector(String option) {
        return option.matches("-XX:\\+Use\\w+GC");
    }

    private static ProcessBuilder java(List<String> arguments) {
        List<String> options = new ArrayList<>(optionsOfTests());
        if (arguments.stream().anyMatch(MeasuredProcess::choosesCollector)) {
            options.removeIf(MeasuredProcess::choosesCollector); // a JVM takes one
        }
        options.addAll(arguments);
        List<String> command = new ArrayList<>();
        command.add(JAVA_BIN.resolve("java").toString());
        command.addAll(JVM_OPTIONS);
        if (options.stream().noneMatch(MeasuredProcess::choosesCollector)) {
            command.add("-XX:+UseParallelGC");
        }
        command.addAll(options);
        return new ProcessBuilder(command);
    }

    /** Sends an order and waits for the line that answers it. */
    public String ask(String order) throws IOException {
        order(order);
        return answer();
    }

    /** Sends an order, whose answer is read elsewhere. */
    public void order(String order) throws IOException {
        OutputStream orders = process.getOutputStream();
        orders.write((order + "\n").getBytes(UTF_8));
        orders.flush();
    }

    /** The next line that the program prints. */
    public String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the process " + process.pid() + " has ended: " + process.info());
        }
        return line;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Time on any core since the start. */
    Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Resident memory after a collection of garbage, in MiB. */
    double residentMib() throws IOException, InterruptedException {
        // The first leaves what only finalizers and references held; memory is given back after the second.
        tool(JAVA_BIN.resolve("jcmd").toString(), pid(), "GC.run");
        tool(JAVA_BIN.resolve("jcmd").toString(), pid(), "GC.run");
        return residentMibNow();
    }

    /** Resident memory as it is, in MiB. */
    double residentMibNow() throws IOException, InterruptedException {
        return Double.parseDouble(tool("ps", "-o", "rss=", "-p", pid()).strip()) / 1024;
    }

    /** Live Java threads. */
    int threads() throws IOException, InterruptedException {
        return Math.toIntExact(counter(counters(), "java.threads.live"));
    }

    /** For how long its compilers have been at work since the start, waits for a core included. */
    Duration compiling() throws IOException, InterruptedException {
        String counters = counters();
        double seconds = counter(counters, "java.ci.totalTime") / (double) counter(counters, "sun.os.hrt.frequency");
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    private String counters() throws IOException, InterruptedException {
        return tool(JAVA_BIN.resolve("jcmd").toString(), pid(), "PerfCounter.print");
    }

    private static long counter(String counters, String name) {
        return counters.lines()
                .filter(line -> line.startsWith(name + "="))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf('=') + 1).strip()))
                .findFirst()
                .orElseThrow();
    }

    /** SIGKILL; returns when the process is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends its input, which asks a program to end by itself; returns its exit code. */
    public int finish() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("the process " + process.pid() + " did not end with its input");
        }
        return process.exitValue();
    }

    private String pid() {
        return Long.toString(process.pid());
    }

    private static String tool(String... command) throws IOException, InterruptedException {
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(tool.getInputStream().readAllBytes(), UTF_8);
        if (tool.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.destroy();
        try {
            if (!process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
