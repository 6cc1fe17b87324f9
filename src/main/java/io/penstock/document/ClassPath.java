package io.penstock.document;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.tika.Tika;
import org.jboss.logging.Logger;

/** Where a process of its own finds the classes that read documents. */
final class ClassPath {
    private ClassPath() {}

    /**
     * The class path of this process when it holds the classes; else, as in the packaged application, whose loader finds them by other
     * means, the jars that they come from with all their neighbours.
     */
    static String ofReaders() {
        Path own = home(ReaderProcess.class);
        // Absolute, since the process works in another folder.
        List<Path> path = Arrays.stream(
                        System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().normalize())
                .toList();
        if (path.contains(own)) {
            return path.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        }
        // Quarkus keeps the libraries that it begins with, such as those for logging, in a folder beside.
        return own + File.pathSeparator + allOf(home(Tika.class)) + File.pathSeparator + allOf(home(Logger.class));
    }

    private static String allOf(Path library) {
        return library.resolveSibling("*").toString();
    }

    private static Path home(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            throw new IllegalStateException("It is not known where " + type.getName() + " comes from");
        }
        try {
            return Path.of(source.getLocation().toURI()).toAbsolutePath().normalize();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("The place of " + type.getName() + " is no path", e);
        }
    }
}
