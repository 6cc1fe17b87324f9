package io.penstock.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the Penstock that is meant, and its key. What runs on this machine is found by the data folder and the variables that {@code
 * up} reads; another is named. The key in the data folder is for this machine and is sent nowhere else.
 */
final class AddressBook {
    private static final String USUAL_PORT = "8080";

    private final Surroundings here;
    private final Path data;

    AddressBook(Surroundings here) {
        this.here = here;
        this.data = here.project().resolve(here.variable("PENSTOCK_DATA").orElse("data"));
    }

    /** The arguments as they were given. */
    Address find(@Nullable String url, @Nullable String key, @Nullable Path keyFile) {
        Optional<String> named = Optional.ofNullable(url).or(() -> here.variable("PENSTOCK_URL"));
        URI target = parse(named.orElseGet(this::local));
        if (key != null) {
            return address(target, key, "--key");
        }
        if (keyFile != null) {
            Path file = here.caller().resolve(keyFile);
            return address(
                    target,
                    read(file)
                            .orElseThrow(() ->
                                    new Failure(ExitCode.USAGE, "client.key-file", "There is no key in " + file + ".")),
                    file.toString());
        }
        Optional<String> variable = here.variable("PENSTOCK_API_KEY");
        if (variable.isPresent()) {
            return address(target, variable.get(), "PENSTOCK_API_KEY");
        }
        if (named.isPresent() && !isHere(target)) {
            throw new Failure(
                    ExitCode.UNAUTHORIZED,
                    "key.missing",
                    "A key for " + target + " is needed: set PENSTOCK_API_KEY or give --key-file. The key in " + data
                            + " is sent to this machine only.");
        }
        Path file = data.resolve("api-key");
        return address(
                target,
                read(file)
                        .orElseThrow(() -> new Failure(
                                ExitCode.UNAUTHORIZED,
                                "key.missing",
                                "There is no key in " + file + ". Start Penstock with ./penstock up, or set"
                                        + " PENSTOCK_DATA or PENSTOCK_API_KEY as they are for the one that runs.")),
                file.toString());
    }

    /** With several instances on this machine, the first has the port itself. */
    private String local() {
        String host = here.variable("PENSTOCK_HOST").orElse("127.0.0.1");
        if (host.equals("0.0.0.0") || host.equals("::") || host.equals("localhost")) {
            host = "127.0.0.1";
        }
        String bracketed = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        return read(data.resolve("address"))
                .orElse("http://" + bracketed + ":"
                        + here.variable("PENSTOCK_PORT").orElse(USUAL_PORT));
    }

    private boolean isHere(URI url) {
        String host = url.getHost();
        return host.equals("localhost")
                || host.equals("[::1]")
                || host.matches("127(\\.[0-9]{1,3}){3}")
                || url.equals(parse(local()));
    }

    private static URI parse(String text) {
        String trimmed = text.strip().replaceAll("/+$", "");
        try {
            URI url = new URI(trimmed);
            boolean speaksHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (speaksHttp && url.getHost() != null && url.getRawQuery() == null && url.getRawFragment() == null) {
                if (url.getRawUserInfo() == null) {
                    return url;
                }
                throw new Failure(
                        ExitCode.USAGE,
                        "client.url",
                        "The address holds a name or password; the key is given by PENSTOCK_API_KEY or --key-file.");
            }
        } catch (URISyntaxException e) {
            // Said below, with what was written.
        }
        throw new Failure(
                ExitCode.USAGE,
                "client.url",
                "'" + trimmed + "' is no address of Penstock; write it like http://127.0.0.1:8080.");
    }

    /** A header cannot hold everything, and what refuses it would show it. */
    private static Address address(URI url, String key, String source) {
        String stripped = key.strip();
        if (stripped.isEmpty() || stripped.chars().anyMatch(character -> character <= ' ' || character > '~')) {
            throw new Failure(
                    ExitCode.USAGE,
                    "client.key",
                    "What " + source + " holds is no key; a key is letters, digits and signs of ASCII without blanks.");
        }
        return new Address(url, stripped, source);
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
        } catch (IOException e) {
            return Optional.empty(); // whoever needs it says so
        }
    }
}
