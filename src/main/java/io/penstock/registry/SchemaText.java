package io.penstock.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.TreeSet;

/** The text of an Avro schema. Two canonical texts are the same schema when they are equal. */
final class SchemaText {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Attributes with a meaning, in the order in which they are written; all others follow by name. */
    private static final List<String> ORDER =
            List.of("name", "type", "namespace", "doc", "aliases", "fields", "symbols", "items", "values", "size");

    private SchemaText() {}

    /**
     * The text with the attributes of each type in one order, so that schemas which differ in that alone are one.
     *
     * @param canonical a text that Avro wrote
     */
    static String normalized(String canonical) {
        return sorted(tree(canonical)).toString();
    }

    /** The text as JSON. */
    static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ArrayNode array) {
            ArrayNode result = JSON.createArrayNode();
            array.forEach(each -> result.add(sorted(each)));
            return result;
        }
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode result = JSON.createObjectNode();
        for (String name : ORDER) {
            if (object.has(name)) {
                result.set(name, name.equals("aliases") ? sortedTexts(object.get(name)) : sorted(object.get(name)));
            }
        }
        TreeSet<String> others = new TreeSet<>();
        object.fieldNames().forEachRemaining(others::add);
        // Defaults and others' attributes are values, in which an order may mean something.
        others.stream().filter(name -> !ORDER.contains(name)).forEach(name -> result.set(name, object.get(name)));
        return result;
    }

    private static ArrayNode sortedTexts(JsonNode array) {
        TreeSet<String> texts = new TreeSet<>();
        array.forEach(each -> texts.add(each.asText()));
        ArrayNode result = JSON.createArrayNode();
        texts.forEach(result::add);
        return result;
    }
}
