package io.penstock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** The calls below {@code /subjects}. */
final class SubjectsApi {
    private final EmbeddedRegistry registry;

    SubjectsApi(EmbeddedRegistry registry) {
        this.registry = registry;
    }

    Object answer(List<String> path, RegistryCall call) {
        if (path.isEmpty()) {
            return call.only("GET", () -> list(call));
        }
        String subject = SubjectNames.plain(path.getFirst());
        if (path.size() == 1) {
            return switch (call.method()) {
                case "POST" -> lookUp(subject, call);
                case "DELETE" -> RegistryJson.numbers(registry.deleteSubject(subject, call.flag("permanent")));
                default -> throw call.wrongMethod();
            };
        }
        if (path.equals(List.of(path.getFirst(), "metadata"))) {
            return call.only("GET", () -> latestWithMetadata(subject, call));
        }
        if (!path.get(1).equals("versions")) {
            throw RegistryCall.unknownPath();
        }
        return switch (path.size()) {
            case 2 -> versions(subject, call);
            case 3 -> version(subject, path.get(2), call);
            case 4 -> part(subject, path.get(2), path.get(3), call);
            default -> throw RegistryCall.unknownPath();
        };
    }

    private Object list(RegistryCall call) {
        String prefix = SubjectNames.plain(call.text("subjectPrefix", ""));
        return call.page(state().all(call.filter()).stream()
                .map(SchemaVersion::subject)
                .filter(subject -> subject.startsWith(prefix))
                .distinct());
    }

    private Object lookUp(String subject, RegistryCall call) {
        SchemaContent content = call.schema().content();
        VersionNumbers.existing(state(), subject, call.filter());
        return RegistryJson.version(registry.find(subject, content, call.flag("normalize"), call.filter())
                .orElseThrow(() -> new RegistryException(RegistryException.SCHEMA_NOT_FOUND, "Schema not found")));
    }

    private Object versions(String subject, RegistryCall call) {
        return switch (call.method()) {
            case "GET" ->
                call.page(VersionNumbers.existing(state(), subject, call.filter()).stream()
                        .map(SchemaVersion::version));
            case "POST" ->
                Map.of(
                        "id",
                        registry.register(subject, call.schema(), call.flag("normalize"))
                                .id());
            default -> throw call.wrongMethod();
        };
    }

    private Object version(String subject, String number, RegistryCall call) {
        return switch (call.method()) {
            case "GET" -> RegistryJson.version(found(subject, number, call));
            case "DELETE" -> {
                boolean latest = VersionNumbers.isLatest(number);
                boolean permanently = call.flag("permanent");
                SchemaVersion version = VersionNumbers.version(
                        state(), subject, number, latest && !permanently ? VersionFilter.LIVE : VersionFilter.ALL);
                registry.deleteVersion(version, permanently);
                yield version.version();
            }
            default -> throw call.wrongMethod();
        };
    }

    private Object part(String subject, String number, String part, RegistryCall call) {
        return switch (part) {
            case "schema" ->
                call.only(
                        "GET",
                        () -> RegistryJson.text(found(subject, number, call).content()));
            case "referencedby" ->
                call.only(
                        "GET",
                        () ->
                                state()
                                        .referrers(VersionNumbers.version(state(), subject, number, VersionFilter.ALL))
                                        .stream()
                                        .map(SchemaVersion::id)
                                        .distinct()
                                        .toList());
            case "tags" -> call.only("POST", () -> tagged(found(subject, number, call), call));
            default -> throw RegistryCall.unknownPath();
        };
    }

    /** Registers the version with other tags, metadata or rules as the next one. */
    private Object tagged(SchemaVersion version, RegistryCall call) {
        ObjectNode body = call.json();
        for (String field : List.of("rulesToMerge", "rulesToRemove")) {
            if (!body.path(field).isEmpty()) {
                throw new RegistryException(
                        RegistryException.UNPROCESSABLE,
                        "The embedded registry does not merge rules; send the whole ruleSet instead of '" + field
                                + "'.");
            }
        }
        if (!version.content().isAvro()) {
            throw RegistryException.invalidSchema("The schema is not Avro.");
        }
        SchemaContent content = version.content();
        SchemaTags tags = new SchemaTags(body.path("tagsToAdd"), body.path("tagsToRemove"));
        SchemaContent changed = new SchemaContent(
                content.type(),
                tags.apply(content.text()),
                content.references(),
                body.path("metadata").isObject() ? body.get("metadata") : content.metadata(),
                body.path("ruleSet").isObject() ? body.get("ruleSet") : content.ruleSet());
        int number = body.path("newVersion").asInt(SchemaRequest.NONE);
        SchemaVersion next = registry.register(
                version.subject(), new SchemaRequest(changed, SchemaRequest.NONE, number), call.flag("normalize"));
        return Map.of("id", next.id());
    }

    private Object latestWithMetadata(String subject, RegistryCall call) {
        List<String> keys = call.texts("key");
        List<String> values = call.texts("value");
        if (keys.size() != values.size()) {
            throw new RegistryException(
                    RegistryException.UNPROCESSABLE, "Each parameter 'key' needs a parameter 'value'.");
        }
        return VersionNumbers.existing(state(), subject, call.filter()).reversed().stream()
                .filter(version -> hasProperties(version.content(), keys, values))
                .findFirst()
                .map(RegistryJson::version)
                .orElseThrow(() -> new RegistryException(RegistryException.SCHEMA_NOT_FOUND, "Schema not found"));
    }

    private static boolean hasProperties(SchemaContent content, List<String> keys, List<String> values) {
        JsonNode metadata = content.metadata();
        for (int i = 0; i < keys.size(); i++) {
            if (metadata == null
                    || !metadata.path("properties").path(keys.get(i)).asText("").equals(values.get(i))) {
                return false;
            }
        }
        return true;
    }

    private SchemaVersion found(String subject, String number, RegistryCall call) {
        return VersionNumbers.version(state(), subject, number, call.filter());
    }

    private RegistryState state() {
        return registry.state();
    }
}
