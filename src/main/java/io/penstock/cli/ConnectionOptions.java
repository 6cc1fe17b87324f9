package io.penstock.cli;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that every command has. */
final class ConnectionOptions {
    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where Penstock is; else PENSTOCK_URL, else the one that runs here.")
    private @Nullable String url;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "File that holds the key; else PENSTOCK_API_KEY, else data/api-key.")
    private @Nullable Path keyFile;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "The key itself. Others on this machine can see it in the list of processes.")
    private @Nullable String key;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long to wait at most: seconds, or something like 90s, 5m or 1h.")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this.")
    private boolean help;

    Address address(Surroundings here) {
        return new AddressBook(here).find(url, key, keyFile);
    }

    boolean asksForHelp() {
        return help;
    }

    boolean json() {
        return json;
    }

    /** What was asked for, else what is usual; null is without end. */
    Deadline deadline(Time time, @Nullable Duration usual) {
        return new Deadline(time, timeout == null ? usual : timeout);
    }
}
