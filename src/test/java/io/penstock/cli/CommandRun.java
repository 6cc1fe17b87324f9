package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs commands in this process, as in a pipe unless told otherwise. */
final class CommandRun {
    private final Map<String, String> environment = new TreeMap<>();
    private Path folder = Path.of("target/no-such-folder");
    private String input = "";
    private boolean terminal;
    private boolean colours;
    private int columns = 80;
    private Time time = Time.SYSTEM;
    private final Interruption interruption = new Interruption();

    /** With the address of the server and a key. */
    static CommandRun against(Loopback server) {
        return new CommandRun().with("PENSTOCK_URL", server.url()).with("PENSTOCK_API_KEY", "the-key");
    }

    CommandRun with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    CommandRun in(Path newFolder) {
        folder = newFolder;
        return this;
    }

    CommandRun reading(String text) {
        input = text;
        return this;
    }

    CommandRun onTerminal(int newColumns) {
        terminal = true;
        columns = newColumns;
        return this;
    }

    CommandRun inColours() {
        colours = true;
        return this;
    }

    CommandRun at(Time newTime) {
        time = newTime;
        return this;
    }

    Interruption interruption() {
        return interruption;
    }

    /** How a command ended, and all that it printed. */
    record Ended(int code, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    Ended run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        return run(out, arguments);
    }

    Ended run(OutputStream out, String... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(List.of(arguments), surroundings(out, err));
        return new Ended(
                code, out instanceof ByteArrayOutputStream bytes ? bytes.toString(UTF_8) : "", err.toString(UTF_8));
    }

    Surroundings surroundings(OutputStream out, OutputStream err) {
        return new Surroundings(
                environment,
                folder,
                folder,
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                terminal,
                new Screen(out, terminal, colours, columns),
                new Screen(err, terminal, colours, columns),
                time,
                interruption);
    }
}
