package io.penstock.seed;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.catalog.Names;
import io.penstock.processor.JsonEntries;
import io.penstock.seed.CatalogRequest.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the original's topic and segment bodies. One that is wrong is reported with its line; the others stand. */
final class CatalogFile {
    private CatalogFile() {}

    static List<CatalogRequest> read(byte[] json, String name, Consumer<SeedProblem> problems) {
        List<CatalogRequest> requests = new ArrayList<>();
        for (JsonEntries.Located located : JsonEntries.read(json, name)) {
            JsonNode node = located.node();
            Optional<String> fault = fault(node);
            if (fault.isPresent()) {
                problems.accept(new SeedProblem(name, located.line(), fault.get()));
            } else {
                String segment = text(node, "segment");
                String action = text(node, segment == null ? "topic_action" : "segment_action");
                requests.add(new CatalogRequest(
                        String.valueOf(text(node, "topic")),
                        segment,
                        "delete".equals(action) ? Action.DELETE : Action.CREATE));
            }
        }
        return requests;
    }

    private static Optional<String> fault(JsonNode node) {
        if (!node.isObject()) {
            return Optional.of("An entry is an object such as {\"topic\": \"economy\", \"topic_action\": \"create\"}.");
        }
        boolean isSegment = node.has("segment") || node.has("segment_action");
        String field = isSegment ? "segment_action" : "topic_action";
        String action = text(node, field);
        if (!"create".equals(action) && !"delete".equals(action)) {
            return Optional.of("The field " + field + " says \"create\" or \"delete\".");
        }
        Optional<String> topic = Names.problem("topic", text(node, "topic"));
        return topic.isPresent() || !isSegment ? topic : Names.problem("segment", text(node, "segment"));
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isTextual() ? value.textValue() : null;
    }
}
