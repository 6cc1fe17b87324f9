package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.bench.MeasuredProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@link StageProgram} with a folder of its own, which is killed and started again. What it says is read as it comes. */
final class StageInstance implements AutoCloseable {
    /** It is killed and started again before it is worth the compilation of much. */
    private static final List<String> STARTS_FAST = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private final Path folder;
    private final List<String> arguments;
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private int starts;
    private @Nullable Life life;

    StageInstance(Path folder, String bootstrapServers, String application, String guarantee, long callTimeoutMillis)
            throws IOException {
        this.folder = Files.createDirectories(folder);
        this.arguments =
                List.of(bootstrapServers, application, guarantee, folder.toString(), Long.toString(callTimeoutMillis));
    }

    /** One process, from its start to its end. */
    private static final class Life {
        final MeasuredProcess process;
        final BlockingQueue<Long> pending = new LinkedBlockingQueue<>();
        volatile String state = "CREATED";
        volatile boolean hasRun;
        volatile boolean hasRestored;

        Life(MeasuredProcess process) {
            this.process = process;
        }
    }

    void start() throws IOException {
        starts++;
        Life started = new Life(MeasuredProcess.program(
                StageProgram.class,
                folder.resolve("log-" + starts + ".txt"),
                STARTS_FAST,
                arguments.toArray(String[]::new)));
        life = started;
        Thread.ofVirtual().name("what " + folder + " says").start(() -> listen(started));
    }

    private void listen(Life heard) {
        while (true) {
            String line;
            try {
                line = heard.process.answer();
            } catch (IOException e) {
                return; // it has ended
            }
            if (line.startsWith("state ")) {
                heard.state = line.substring("state ".length());
                heard.hasRun |= heard.state.equals("RUNNING");
            } else if (line.startsWith("restoring ")) {
                heard.hasRestored = true;
            } else if (line.startsWith("pending ")) {
                heard.pending.add(Long.parseLong(line.substring("pending ".length())));
            } else {
                failures.add(line);
            }
        }
    }

    boolean isRunning() {
        return life().state.equals("RUNNING");
    }

    /** Since its start. */
    boolean hasRun() {
        return life().hasRun;
    }

    boolean isRebalancing() {
        return life().state.equals("REBALANCING");
    }

    /** Since its start. */
    boolean hasRestored() {
        return life().hasRestored;
    }

    /** How many records wait here for the end of their calls. */
    long pending() throws IOException, InterruptedException {
        Life asked = life();
        asked.process.order("pending");
        Long answer = asked.pending.poll(10, TimeUnit.SECONDS);
        if (answer == null) {
            throw new IOException("The program in " + folder + " does not answer");
        }
        return answer;
    }

    void kill() throws InterruptedException {
        life().process.kill();
    }

    void finish() throws IOException, InterruptedException {
        int code = life().process.finish();
        if (code != 0) {
            throw new IOException("The program in " + folder + " ended with " + code);
        }
    }

    /** What it said beyond its states: faults. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Every call that was begun here, each as id and attempt. */
    List<String> calls() throws IOException {
        Path calls = folder.resolve(StageProgram.CALLS);
        return Files.exists(calls) ? Files.readAllLines(calls, UTF_8) : List.of();
    }

    private Life life() {
        if (life == null) {
            throw new IllegalStateException("It was not started");
        }
        return life;
    }

    @Override
    public void close() throws IOException {
        if (life != null) {
            life.process.close();
        }
    }
}
