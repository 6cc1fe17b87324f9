package io.penstock.launcher;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.Main;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import picocli.CommandLine;

/** The jars of the command line, under the names that a build gives them. */
final class CommandLineJars {
    private static final Map<String, Class<?>> LIBRARIES = Map.of(
            "info.picocli.picocli-0.jar", CommandLine.class,
            "com.fasterxml.jackson.core.jackson-annotations-0.jar", JsonProperty.class,
            "com.fasterxml.jackson.core.jackson-core-0.jar", JsonParser.class,
            "com.fasterxml.jackson.core.jackson-databind-0.jar", JsonNode.class);

    private CommandLineJars() {}

    static void copyTo(Path copy) throws IOException {
        Path libraries = Files.createDirectories(copy.resolve("lib/main"));
        for (Map.Entry<String, Class<?>> library : LIBRARIES.entrySet()) {
            Files.copy(origin(library.getValue()), libraries.resolve(library.getKey()));
        }
        Path application = Files.createDirectories(copy.resolve("app")).resolve("penstock-0.jar");
        try (OutputStream file = Files.newOutputStream(application);
                JarOutputStream jar = new JarOutputStream(file)) {
            Path classes = origin(Main.class);
            for (Path each : files(classes.resolve("io/penstock/cli"))) {
                jar.putNextEntry(new ZipEntry(classes.relativize(each).toString()));
                Files.copy(each, jar);
                jar.closeEntry();
            }
        }
    }

    /** The jar or folder that a class was loaded from. */
    private static Path origin(Class<?> loaded) {
        return Path.of(URI.create(
                loaded.getProtectionDomain().getCodeSource().getLocation().toString()));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
