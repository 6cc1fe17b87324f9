package io.penstock.registry;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls below {@code /mode}. */
final class ModeApi {
    private static final String MODE = "mode";

    private final EmbeddedRegistry registry;

    ModeApi(EmbeddedRegistry registry) {
        this.registry = registry;
    }

    /** @param subject null for the mode of all subjects that have none */
    Object answer(@Nullable String subject, RegistryCall call) {
        return switch (call.method()) {
            case "GET" -> Map.of(MODE, mode(subject, call.flag("defaultToGlobal")));
            case "PUT" -> {
                RegistryMode mode = RegistryMode.of(call.json().path(MODE).asText());
                registry.configuration().setMode(subject, mode, call.flag("force"));
                yield Map.of(MODE, mode);
            }
            case "DELETE" -> {
                RegistryMode before = subject == null
                        ? registry.state().globalMode()
                        : registry.state().mode(subject).orElseThrow(() -> RegistryException.noSubject(subject));
                registry.configuration().removeMode(subject);
                yield Map.of(MODE, before);
            }
            default -> throw call.wrongMethod();
        };
    }

    private RegistryMode mode(@Nullable String subject, boolean defaultToGlobal) {
        RegistryState state = registry.state();
        if (subject == null) {
            return state.globalMode();
        }
        if (defaultToGlobal) {
            return state.modeFor(subject);
        }
        return state.mode(subject)
                .orElseThrow(() -> new RegistryException(
                        RegistryException.MODE_NOT_FOUND,
                        "Subject '" + RegistryException.shortened(subject)
                                + "' does not have subject-level mode configured"));
    }
}
