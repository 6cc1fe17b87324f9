package io.penstock.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.StoreQueries.Entry;
import io.penstock.query.StoreQueries.Range;
import io.penstock.query.StoreQueries.Summary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one instance answers another about its stores: only of the partitions it has itself, so that no question goes on to a third
 * and none goes round. May be called from any thread.
 */
public final class StoreAnswers {
    /** Paths of the questions. */
    static final String GET = "/internal/stores/get";

    static final String PAGE = "/internal/stores/page";
    static final String LIST = "/internal/stores/list";

    private final LocalStores local;
    private final List<StoreDefinition> definitions;

    StoreAnswers(LocalStores local, List<StoreDefinition> definitions) {
        this.local = local;
        this.definitions = definitions;
    }

    /** {@code {"store","keys":[...]}} to {@code {"parts":[{"topology","read":[...],"entries":[{"key","value"}]}]}}. */
    public ObjectNode get(JsonNode question) {
        List<String> keys = new ArrayList<>();
        question.path("keys").forEach(key -> keys.add(key.asText()));
        return parts(question, null, definition -> local.get(definition, keys));
    }

    /** {@code {"store","view","prefix","from","to","after","limit"}} to the same; one entry more than the limit where there are more. */
    public ObjectNode page(JsonNode question) {
        Range range = new Range(
                text(question, "prefix"),
                text(question, "from"),
                text(question, "to"),
                text(question, "after"),
                Math.max(1, question.path("limit").asInt()));
        return parts(question, text(question, "view"), definition -> local.page(definition, range));
    }

    /** {@code {"stores":[...]}}. */
    public ObjectNode list() {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode stores = answer.putArray("stores");
        summaries()
                .forEach(summary -> stores.addObject()
                        .put("name", summary.name())
                        .put("topology", summary.topology())
                        .put("instance", summary.instance())
                        .put("global", summary.global())
                        .put("partitions", summary.partitions())
                        .put("entries", summary.entries())
                        .put("wanted", summary.wanted()));
        return answer;
    }

    List<Summary> summaries() {
        return definitions.stream()
                .flatMap(definition -> local.summaries(definition).stream())
                .toList();
    }

    static List<Summary> readSummaries(JsonNode body) {
        List<Summary> summaries = new ArrayList<>();
        for (JsonNode store : body.path("stores")) {
            summaries.add(new Summary(
                    store.path("name").asText(),
                    store.path("topology").asText(),
                    store.path("instance").asText(),
                    store.path("global").asBoolean(),
                    store.path("partitions").asInt(),
                    store.path("entries").asLong(),
                    store.path("wanted").asInt()));
        }
        return summaries;
    }

    /** All stores of a name; empty when there is none. */
    Optional<List<StoreDefinition>> named(String store) {
        List<StoreDefinition> named = definitions.stream()
                .filter(definition -> definition.name().equals(store))
                .toList();
        return named.isEmpty() ? Optional.empty() : Optional.of(named);
    }

    private interface Reading {
        StorePart read(StoreDefinition definition);
    }

    private ObjectNode parts(JsonNode question, @Nullable String view, Reading reading) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode parts = answer.putArray("parts");
        for (StoreDefinition stored : named(question.path("store").asText()).orElse(List.of())) {
            if (stored.home().isGlobal()) {
                continue; // whoever asks has it whole
            }
            StoreDefinition definition = stored.in(view);
            StorePart part = reading.read(definition);
            ObjectNode node =
                    parts.addObject().put("topology", definition.home().topology());
            ArrayNode read = node.putArray("read");
            part.read().forEach(unit -> read.add(unit.toString()));
            ArrayNode entries = node.putArray("entries");
            part.entries()
                    .forEach(entry -> entries.addObject()
                            .put("key", entry.key())
                            .put("value", definition.format().encode(entry.value())));
        }
        return answer;
    }

    static ObjectNode question(String store, Collection<String> keys) {
        ObjectNode question = JsonNodeFactory.instance.objectNode().put("store", store);
        ArrayNode asked = question.putArray("keys");
        keys.forEach(asked::add);
        return question;
    }

    static ObjectNode question(String store, @Nullable String view, Range range) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("store", store)
                .put("view", view)
                .put("prefix", range.prefix())
                .put("from", range.from())
                .put("to", range.to())
                .put("after", range.after())
                .put("limit", range.limit());
    }

    static boolean hasEntries(JsonNode body) {
        for (JsonNode part : body.path("parts")) {
            if (!part.path("entries").isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** @throws PenstockException {@code not-ready} when the answer makes no sense, as that of another version may */
    static StorePart readPart(List<StoreDefinition> definitions, JsonNode body) {
        Set<StoreUnit> read = new HashSet<>();
        List<Entry> entries = new ArrayList<>();
        try {
            for (JsonNode part : body.path("parts")) {
                for (StoreDefinition definition : definitions) {
                    if (definition
                            .home()
                            .topology()
                            .equals(part.path("topology").asText())) {
                        for (JsonNode unit : part.path("read")) {
                            read.add(StoreUnit.parse(unit.asText()));
                        }
                        for (JsonNode entry : part.path("entries")) {
                            entries.add(new Entry(
                                    entry.path("key").asText(),
                                    definition
                                            .format()
                                            .decode(entry.path("value").binaryValue())));
                        }
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new PenstockException(
                    ErrorCode.NOT_READY,
                    "Another instance gave an answer that this version does not understand; are all of one version?",
                    e);
        }
        return new StorePart(read, entries);
    }

    private static @Nullable String text(JsonNode object, String field) {
        JsonNode node = object.get(field);
        return node == null || node.isNull() ? null : node.asText();
    }
}
