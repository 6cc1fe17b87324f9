package io.penstock.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a command sees of the machine.
 *
 * @param project the folder that relative paths in variables are taken from
 * @param caller the folder that relative paths in arguments are taken from
 * @param typed whether a person types what {@code in} gives
 */
record Surroundings(
        Map<String, String> environment,
        Path project,
        Path caller,
        InputStream in,
        boolean typed,
        Screen out,
        Screen err,
        Time time,
        Interruption interruption) {
    private static final int USUAL_COLUMNS = 80;

    /** Those of this process; the launcher tells what Java cannot find out. */
    static Surroundings ofProcess() {
        List<String> terminals =
                Arrays.asList(System.getProperty("penstock.terminals", "").split(" ", -1));
        int columns = Integer.getInteger("penstock.columns", USUAL_COLUMNS);
        Map<String, String> environment = System.getenv();
        boolean colours = environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Surroundings(
                environment,
                Path.of("").toAbsolutePath(),
                Path.of(System.getProperty("penstock.caller", "")).toAbsolutePath(),
                System.in,
                terminals.contains("in"),
                new Screen(new FileOutputStream(FileDescriptor.out), terminals.contains("out"), colours, columns),
                new Screen(new FileOutputStream(FileDescriptor.err), terminals.contains("err"), colours, columns),
                Time.SYSTEM,
                new Interruption());
    }

    /** A variable that is set to something. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** Says something to the person, beside the answer. */
    void remark(String text) {
        err.print("penstock: " + text).line().flush();
    }
}
