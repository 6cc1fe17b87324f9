package io.penstock.capture;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The values that sources may send and nobody may see. A source names them; only what the operator allows by name is looked up,
 * since whoever may add a processor could otherwise send the whole environment to a server of theirs.
 */
final class Secrets {
    private final Set<String> allowed;
    private final Environment environment;

    /** Looks up an environment variable. */
    @FunctionalInterface
    interface Environment {
        @Nullable
        String value(String name);
    }

    Secrets(Set<String> allowed, Environment environment) {
        this.allowed = allowed;
        this.environment = environment;
    }

    /** Only the real environment, and the settings' names. */
    static Secrets of(CaptureSettings settings) {
        return new Secrets(settings.secrets(), System::getenv);
    }

    boolean isAllowed(String name) {
        return name.startsWith(CaptureSettings.SECRET_PREFIX) || allowed.contains(name);
    }

    @Nullable
    String value(String name) {
        return environment.value(name);
    }
}
