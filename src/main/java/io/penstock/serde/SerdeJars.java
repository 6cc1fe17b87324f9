package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Jar files that a user brings along for a serde of somebody else. */
final class SerdeJars {
    private SerdeJars() {}

    /**
     * A loader of these jars that asks the application first, so that both mean the same records.
     *
     * @throws PenstockException {@code config.invalid} when one of them is not there
     */
    static ClassLoader loader(String jars, ClassLoader application) {
        List<URL> urls = new ArrayList<>();
        for (String each : jars.split(File.pathSeparator, -1)) {
            if (!each.isBlank()) {
                add(each.strip(), urls);
            }
        }
        return new URLClassLoader("serde", urls.toArray(URL[]::new), application);
    }

    private static void add(String name, List<URL> urls) {
        try {
            Path path = Path.of(name);
            if (!Files.isDirectory(path)) {
                urls.add(path.toRealPath().toUri().toURL());
                return;
            }
            try (Stream<Path> files = Files.list(path)) {
                for (Path file : files.filter(each -> each.toString().endsWith(".jar"))
                        .sorted()
                        .toList()) {
                    urls.add(file.toUri().toURL());
                }
            }
        } catch (IOException | InvalidPathException e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "schema.registry.serde.jars names " + name + ", which cannot be read. Name jar files or folders"
                            + " that hold them.",
                    e);
        }
    }
}
