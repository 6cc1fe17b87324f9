package io.penstock.broker;

import io.penstock.shared.OncePerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The embedded broker that all tests of one JVM share: on any free port, its data in a new folder under {@code target/}.
 * Started by the first test class that asks with {@code @ExtendWith(SharedBroker.class)} and a parameter of type {@link
 * EmbeddedBroker}, and closed with the JVM. Tests tell themselves apart by the names of their topics and groups.
 */
public final class SharedBroker implements ParameterResolver {
    private static final OncePerProcess<EmbeddedBroker> BROKER =
            new OncePerProcess<>(() -> EmbeddedBroker.start(newFolder(), 0));

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == EmbeddedBroker.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return BROKER.get();
    }

    /** A new, empty folder under {@code target/}. */
    public static Path newFolder() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target", "kafka")), "data-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
