package io.penstock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Adds and removes the tags of records and fields in an Avro schema: the attribute {@code confluent:tags}. A record is found
 * by its full name and a field by that and its own name, or by the whole path from the outermost record.
 */
final class SchemaTags {
    private static final String ATTRIBUTE = "confluent:tags";
    private static final String RECORD = "SR_RECORD";
    private static final String FIELD = "SR_FIELD";

    private final List<Edit> edits = new ArrayList<>();
    private final Set<Edit> used = new LinkedHashSet<>();

    private record Edit(String type, String path, List<String> tags, boolean adds) {}

    /**
     * What a caller wants changed.
     *
     * @throws RegistryException {@link RegistryException#UNPROCESSABLE} when it cannot be told
     */
    SchemaTags(JsonNode toAdd, JsonNode toRemove) {
        toAdd.forEach(each -> edits.add(edit(each, true)));
        toRemove.forEach(each -> edits.add(edit(each, false)));
    }

    /**
     * The text with its tags changed.
     *
     * @throws RegistryException {@link RegistryException#INVALID_SCHEMA} when a record or field is not there
     */
    String apply(String text) {
        JsonNode schema = SchemaText.tree(text);
        walk(schema, "", "");
        edits.stream().filter(edit -> !used.contains(edit)).findFirst().ifPresent(edit -> {
            throw RegistryException.invalidSchema(
                    "The schema has no " + (edit.type().equals(RECORD) ? "record" : "field") + " with the path '"
                            + RegistryException.shortened(edit.path().substring(1)) + "'.");
        });
        return schema.toString();
    }

    private void walk(JsonNode node, String namespace, String path) {
        if (node instanceof ArrayNode union) {
            union.forEach(each -> walk(each, namespace, path));
        } else if (node instanceof ObjectNode object) {
            JsonNode type = object.path("type");
            switch (type.asText()) {
                case "record", "error" -> walkRecord(object, namespace, path);
                case "array" -> walk(object.path("items"), namespace, path);
                case "map" -> walk(object.path("values"), namespace, path);
                default -> walk(type, namespace, path);
            }
        }
    }

    private void walkRecord(ObjectNode schema, String outerNamespace, String path) {
        String name = schema.path("name").asText();
        int dot = name.lastIndexOf('.');
        String namespace = dot < 0 ? schema.path("namespace").asText(outerNamespace) : name.substring(0, dot);
        String fullName = dot >= 0 || namespace.isEmpty() ? name : namespace + "." + name;
        change(schema, RECORD, path + "." + fullName, "." + fullName);
        for (JsonNode each : schema.path("fields")) {
            if (each instanceof ObjectNode field) {
                String end = "." + fullName + "." + field.path("name").asText();
                change(field, FIELD, path + end, end);
                walk(field.path("type"), namespace, path + end);
            }
        }
    }

    private void change(ObjectNode node, String type, String path, String shortPath) {
        for (Edit edit : edits) {
            if (edit.type().equals(type)
                    && (edit.path().equals(path) || edit.path().equals(shortPath))) {
                used.add(edit);
                TreeSet<String> tags = new TreeSet<>();
                node.path(ATTRIBUTE).forEach(tag -> tags.add(tag.asText()));
                if (edit.adds()) {
                    tags.addAll(edit.tags());
                } else {
                    edit.tags().forEach(tags::remove);
                }
                write(node, tags);
            }
        }
    }

    private static void write(ObjectNode node, Set<String> tags) {
        if (tags.isEmpty()) {
            node.remove(ATTRIBUTE);
        } else {
            tags.forEach(node.putArray(ATTRIBUTE)::add);
        }
    }

    private static Edit edit(JsonNode request, boolean adds) {
        JsonNode entity = request.path("schemaEntity");
        String type = entity.path("entityType").asText("").toUpperCase(Locale.ROOT);
        @Nullable String path = entity.path("entityPath").textValue();
        if (path == null || path.isEmpty() || !(type.equals(RECORD) || type.equals(FIELD))) {
            throw new RegistryException(
                    RegistryException.UNPROCESSABLE,
                    "Tags need a schemaEntity with an entityPath and the entityType " + RECORD + " or " + FIELD + ".");
        }
        List<String> tags = new ArrayList<>();
        request.path("tags").forEach(tag -> tags.add(tag.asText()));
        return new Edit(type, path.startsWith(".") ? path : "." + path, List.copyOf(tags), adds);
    }
}
