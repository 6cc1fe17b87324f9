package io.penstock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The calls below {@code /config}. */
final class ConfigApi {
    private static final String COMPATIBILITY = "compatibility";
    private static final Set<String> KNOWN = Set.of(COMPATIBILITY, SubjectConfig.NORMALIZE);

    private final EmbeddedRegistry registry;

    ConfigApi(EmbeddedRegistry registry) {
        this.registry = registry;
    }

    /** @param subject null for the configuration of all subjects that have none */
    Object answer(@Nullable String subject, RegistryCall call) {
        return switch (call.method()) {
            case "GET" -> shown(config(subject, call.flag("defaultToGlobal")));
            case "PUT" -> change(subject, call);
            case "DELETE" -> {
                SubjectConfig before = subject == null
                        ? registry.state().globalConfig()
                        : registry.state().config(subject).orElseThrow(() -> RegistryException.noSubject(subject));
                registry.configuration().remove(subject);
                yield shown(before);
            }
            default -> throw call.wrongMethod();
        };
    }

    private ObjectNode change(@Nullable String subject, RegistryCall call) {
        ObjectNode body = call.json();
        body.fieldNames().forEachRemaining(name -> {
            if (!KNOWN.contains(name) && !body.get(name).isNull()) {
                throw new RegistryException(
                        RegistryException.UNPROCESSABLE,
                        "The embedded registry can be configured by 'compatibility' and 'normalize', not by '"
                                + RegistryException.shortened(name) + "'.");
            }
        });
        JsonNode wanted = body.path(COMPATIBILITY);
        JsonNode normalize = body.path(SubjectConfig.NORMALIZE);
        boolean levelGiven = !wanted.isMissingNode() && !wanted.isNull();
        CompatibilityLevel level = levelGiven || !normalize.isBoolean() ? CompatibilityLevel.of(wanted.asText()) : null;
        Boolean normal = normalize.isBoolean() ? normalize.asBoolean() : null;
        registry.configuration().set(subject, level, normal);
        ObjectNode answer = RegistryJson.object();
        if (level != null) {
            answer.put(COMPATIBILITY, level.name());
        }
        if (normal != null) {
            answer.put(SubjectConfig.NORMALIZE, normal);
        }
        return answer;
    }

    private SubjectConfig config(@Nullable String subject, boolean defaultToGlobal) {
        RegistryState state = registry.state();
        if (subject == null) {
            return state.globalConfig();
        }
        if (!defaultToGlobal) {
            return state.config(subject)
                    .orElseThrow(() -> new RegistryException(
                            RegistryException.CONFIG_NOT_FOUND,
                            "Subject '" + RegistryException.shortened(subject)
                                    + "' does not have subject-level compatibility configured"));
        }
        return state.config(subject).orElseGet(state::globalConfig);
    }

    /** With the level that holds where the configuration says nothing of it. */
    private ObjectNode shown(SubjectConfig config) {
        ObjectNode answer = RegistryJson.object();
        CompatibilityLevel level =
                config.level() == null ? registry.state().globalConfig().level() : config.level();
        answer.put(SubjectConfig.LEVEL, (level == null ? CompatibilityLevel.BACKWARD : level).name());
        if (config.normalize() != null) {
            answer.put(SubjectConfig.NORMALIZE, config.normalize());
        }
        return answer;
    }
}
