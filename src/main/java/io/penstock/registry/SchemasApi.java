package io.penstock.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The calls below {@code /schemas}. */
final class SchemasApi {
    private final EmbeddedRegistry registry;

    SchemasApi(EmbeddedRegistry registry) {
        this.registry = registry;
    }

    Object answer(List<String> path, RegistryCall call) {
        return call.only("GET", () -> {
            if (path.isEmpty()) {
                return list(call);
            }
            if (path.equals(List.of("types"))) {
                return List.of(SchemaContent.AVRO);
            }
            if (!path.getFirst().equals("ids") || path.size() < 2 || path.size() > 3) {
                throw RegistryCall.unknownPath();
            }
            return byId(id(path.get(1)), path.size() == 3 ? path.get(2) : "", call);
        });
    }

    private Object list(RegistryCall call) {
        String prefix = SubjectNames.plain(call.text("subjectPrefix", ""));
        Stream<SchemaVersion> all = registry.state().all(call.filter()).stream()
                .filter(version -> version.subject().startsWith(prefix));
        if (call.flag("latestOnly")) {
            Map<String, SchemaVersion> latest = new LinkedHashMap<>();
            all.forEach(version -> latest.put(version.subject(), version));
            all = latest.values().stream();
        }
        return call.page(all.map(RegistryJson::version));
    }

    private Object byId(int id, String part, RegistryCall call) {
        SchemaContent content = registry.content(id).orElseThrow(() -> RegistryException.noSchema(id));
        return switch (part) {
            case "" -> {
                ObjectNode answer = RegistryJson.content(content);
                yield call.flag("fetchMaxId")
                        ? answer.put("maxId", registry.state().highestId())
                        : answer;
            }
            case "schema" -> RegistryJson.text(content);
            case "subjects" ->
                uses(id, call).stream().map(SchemaVersion::subject).distinct().toList();
            case "versions" ->
                uses(id, call).stream()
                        .map(use -> Map.of("subject", use.subject(), "version", use.version()))
                        .toList();
            default -> throw RegistryCall.unknownPath();
        };
    }

    private Collection<SchemaVersion> uses(int id, RegistryCall call) {
        String subject = SubjectNames.plain(call.text("subject", ""));
        return registry.state().all(call.filter()).stream()
                .filter(version -> version.id() == id
                        && (subject.isEmpty() || version.subject().equals(subject)))
                .toList();
    }

    private static int id(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new RegistryException(
                    RegistryException.NOT_FOUND,
                    "'" + RegistryException.shortened(text) + "' is not the id of a schema.");
        }
    }
}
