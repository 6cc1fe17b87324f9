package io.penstock.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Versions and contents as callers get them. */
final class RegistryJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RegistryJson() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static ObjectNode version(SchemaVersion version) {
        ObjectNode node = object().put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id());
        SchemaRecords.describe(node, version.content());
        return node.put("schema", version.schema());
    }

    static ObjectNode content(SchemaContent content) {
        ObjectNode node = object();
        SchemaRecords.describe(node, content);
        return node.put("schema", content.text());
    }

    static List<Integer> numbers(List<SchemaVersion> versions) {
        return versions.stream().map(SchemaVersion::version).toList();
    }

    /** A schema alone: JSON where it is JSON, else as a text. */
    static Object text(SchemaContent content) {
        return content.isAvro() ? SchemaText.tree(content.text()) : content.text();
    }
}
