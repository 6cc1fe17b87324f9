package io.penstock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The calls below {@code /compatibility}. */
final class CompatibilityApi {
    private final EmbeddedRegistry registry;

    CompatibilityApi(EmbeddedRegistry registry) {
        this.registry = registry;
    }

    Object answer(List<String> path, RegistryCall call) {
        if (path.size() < 3
                || path.size() > 4
                || !path.get(0).equals("subjects")
                || !path.get(2).equals("versions")) {
            throw RegistryCall.unknownPath();
        }
        return call.only("POST", () -> {
            String subject = SubjectNames.plain(path.get(1));
            SchemaContent content = call.schema().content();
            List<SchemaVersion> versions = registry.state().versions(subject, VersionFilter.LIVE);
            if (path.size() == 4 && !(VersionNumbers.isLatest(path.get(3)) && versions.isEmpty())) {
                versions = List.of(VersionNumbers.version(registry.state(), subject, path.get(3), VersionFilter.LIVE));
            }
            List<String> problems = registry.problems(subject, content, versions);
            ObjectNode answer = RegistryJson.object().put("is_compatible", problems.isEmpty());
            if (call.flag("verbose")) {
                problems.forEach(answer.putArray("messages")::add);
            }
            return answer;
        });
    }
}
