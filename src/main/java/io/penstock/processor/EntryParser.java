package io.penstock.processor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.catalog.Names;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.DataEntry;
import io.penstock.schema.LabelDefinition;
import io.penstock.schema.ModelChoice;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.SourceConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes one processor from one JSON object. Whatever is wrong becomes a problem of the entry, never an exception. */
final class EntryParser {
    static final int DEFAULT_BATCH_SIZE = 10;
    private static final int LARGEST_BATCH = 1000;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

    private final Problems problems = new Problems();
    private final ProcessorIds ids;
    private final DataLists dataLists;

    /** Reads a data list that is named by its path. */
    @FunctionalInterface
    interface DataLists {
        /**
         * @throws java.nio.file.NoSuchFileException when there is none
         * @throws PenstockException when it is unreadable, or when paths are not allowed here
         */
        List<JsonNode> read(String path) throws IOException;
    }

    EntryParser(ProcessorIds ids, DataLists dataLists) {
        this.ids = ids;
        this.dataLists = dataLists;
    }

    ProcessorEntry parse(JsonNode node, @Nullable String fixedId, Instant now) {
        if (!node.isObject()) {
            problems.invalid("", "A processor is a JSON object with topic, segment and data_list.");
        }
        String topic = name(node, "topic");
        String segment = name(node, "segment");
        String id = id(node, topic, segment, fixedId);
        List<DataEntry> entries = dataList(node.get("data_list"));
        SourceConfig source = source(node.get("source"), entries);
        int batchSize = batchSize(node.get("batch_size"));
        double rate = rate(node.get("api_rate_limit"));
        List<LabelDefinition> labels = labels(node.get("labels"));
        String prompt = prompt(node.get("prompt_template"));
        boolean deletesRemoved = deletesRemoved(node.get("removed_items"));
        ModelChoice llm = new ModelParser(problems).parse(node.get(ModelParser.FIELD));
        boolean valid = problems.isEmpty();
        Problems warnings = new Problems();
        PageTime.warning(source, rate, Math.min(batchSize, Math.max(1, entries.size())))
                .ifPresent(warning -> warnings.invalid("source.pages.most", warning));
        return ProcessorEntry.newBuilder()
                .setId(id)
                .setTopic(topic)
                .setSegment(segment)
                .setState(valid ? ProcessorState.ACTIVE : ProcessorState.INVALID)
                .setProblems(problems.list())
                .setDataList(entries)
                .setPromptTemplate(prompt)
                .setBatchSize(batchSize)
                .setApiRateLimit(rate)
                .setLabels(labels)
                .setSource(source)
                .setConfig(withoutKeys(node).toString())
                .setLlm(llm)
                .setDeletesRemoved(deletesRemoved)
                .setWarnings(warnings.list())
                .setUpdatedAt(now)
                .build();
    }

    /**
     * The original's bodies may carry the API key. It is not part of the configuration and must not be stored with it, and neither
     * must that of a language model, if somebody wrote it where the model is chosen.
     */
    private static JsonNode withoutKeys(JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode copy = object.deepCopy();
        copy.remove("api_key");
        ModelParser.strip(copy);
        return copy;
    }

    private String name(JsonNode node, String field) {
        JsonNode value = node.get(field);
        String name = value != null && value.isTextual() ? value.textValue() : "";
        Names.problem(field, name).ifPresent(message -> problems.add(ErrorCode.NAME_INVALID, field, message));
        return name;
    }

    private String id(JsonNode node, String topic, String segment, @Nullable String fixedId) {
        JsonNode given = node.get("id");
        boolean named = given != null && !given.isNull();
        String id = named ? given.asText() : "";
        if (fixedId != null) {
            if (named && !id.equals(fixedId)) {
                problems.invalid("id", "The id in the body is '" + id + "', that in the address '" + fixedId + "'.");
            }
            id = fixedId;
        } else if (!named) {
            return ids.next((topic.isEmpty() ? "unnamed" : topic).replace('/', '_') + "."
                    + (segment.isEmpty() ? "unnamed" : segment).replace('/', '_'));
        }
        if (!ID.matcher(id).matches()) {
            problems.invalid(
                    "id",
                    "An id has 1 to 200 letters, digits, '.', '_' and '-', a letter or digit first; this is '" + id
                            + "'.");
        } else if (!ids.take(id)) {
            problems.invalid("id", "Another processor has the id '" + id + "'; choose another.");
        }
        return id;
    }

    private List<DataEntry> dataList(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            problems.invalid("data_list", "A processor needs a data list: an array, or the path of a JSON file.");
            return List.of();
        }
        if (node.isArray()) {
            List<JsonNode> inline = new ArrayList<>();
            node.forEach(inline::add);
            return new DataListParser(problems).parse(inline);
        }
        if (!node.isTextual()) {
            problems.invalid("data_list", "The data list is an array, or the path of a JSON file.");
            return List.of();
        }
        try {
            return new DataListParser(problems).parse(dataLists.read(node.textValue()));
        } catch (PenstockException e) {
            problems.add(
                    e.code() == ErrorCode.CONFIG_INVALID ? ErrorCode.PROCESSOR_INVALID : e.code(),
                    "data_list",
                    e.detail());
        } catch (IOException e) {
            problems.invalid("data_list", "The data list " + node.textValue() + " cannot be read: " + e + ".");
        }
        return List.of();
    }

    private @Nullable SourceConfig source(@Nullable JsonNode node, List<DataEntry> entries) {
        SourceConfig source = node == null || node.isNull()
                ? SourceConfig.newBuilder().setType("inline").build()
                : new SourceParser(problems).parse(node);
        if (source == null || !source.getType().equals("inline")) {
            return source;
        }
        List<DataEntry> bare =
                entries.stream().filter(entry -> entry.getFields().isEmpty()).toList();
        if (!bare.isEmpty()) {
            problems.add(
                    ErrorCode.PROCESSOR_SOURCE_MISSING,
                    "source",
                    "There is no source, and " + bare.size() + " of " + entries.size()
                            + " entries of the data list have no content of their own (the first is '"
                            + bare.getFirst().getValue()
                            + "'). Add a source, or give each entry further fields such as \"text\".");
            return null;
        }
        return source;
    }

    private int batchSize(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return DEFAULT_BATCH_SIZE;
        }
        if (!node.isNumber()
                || node.doubleValue() != Math.rint(node.doubleValue())
                || node.doubleValue() < 1
                || node.doubleValue() > LARGEST_BATCH) {
            problems.invalid("batch_size", "The batch size is a whole number from 1 to " + LARGEST_BATCH + ".");
            return DEFAULT_BATCH_SIZE;
        }
        return node.intValue();
    }

    private double rate(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return 0;
        }
        if (!node.isNumber() || !Double.isFinite(node.doubleValue()) || node.doubleValue() < 0) {
            problems.invalid("api_rate_limit", "The rate limit is a number of requests per second; 0 is no limit.");
            return 0;
        }
        return node.doubleValue();
    }

    private boolean deletesRemoved(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return false;
        }
        if (!node.isTextual()
                || !(node.textValue().equals("keep") || node.textValue().equals("delete"))) {
            problems.invalid(
                    "removed_items",
                    "What becomes of records whose items are gone is \"keep\", or \"delete\" to delete them.");
            return false;
        }
        return node.textValue().equals("delete");
    }

    private @Nullable String prompt(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        if (!node.isTextual()) {
            problems.invalid("prompt_template", "The prompt template is text.");
            return null;
        }
        return node.textValue();
    }

    private List<LabelDefinition> labels(@Nullable JsonNode node) {
        List<LabelDefinition> labels = new ArrayList<>();
        if (node == null || node.isNull()) {
            return labels;
        }
        if (!node.isArray()) {
            problems.invalid("labels", "Labels are an array: [{\"name\": \"easing\", \"description\": \"...\"}].");
            return labels;
        }
        for (int i = 0; i < node.size(); i++) {
            JsonNode label = node.get(i);
            String name =
                    label.isTextual() ? label.textValue() : label.path("name").asText("");
            if (name.isBlank()) {
                problems.invalid("labels[" + i + "].name", "Each label needs a name.");
                continue;
            }
            String description = label.path("description").asText("");
            labels.add(LabelDefinition.newBuilder()
                    .setName(name)
                    .setDescription(description.isBlank() ? name : description)
                    .build());
        }
        return labels;
    }

    static Path besides(Path file, String path) {
        Path given = Path.of(path);
        Path parent = file.toAbsolutePath().getParent();
        return (given.isAbsolute() || parent == null ? given : parent.resolve(given)).normalize();
    }
}
