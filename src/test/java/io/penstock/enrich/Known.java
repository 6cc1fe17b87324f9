package io.penstock.enrich;

import io.penstock.catalog.CatalogView;
import io.penstock.processor.ProcessorView;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import io.penstock.schema.LabelDefinition;
import io.penstock.schema.ModelChoice;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What exists, as a test says it. */
final class Known implements CatalogView, ProcessorView {
    private final Map<String, CatalogEntry> entries = new HashMap<>();
    private final Map<String, ProcessorEntry> processors = new HashMap<>();

    Known with(String topic, @Nullable String segment, String incarnation, CatalogState state) {
        entries.put(
                segment == null ? topic : topic + "/" + segment,
                CatalogEntry.newBuilder()
                        .setKind(segment == null ? CatalogKind.TOPIC : CatalogKind.SEGMENT)
                        .setTopic(topic)
                        .setSegment(segment)
                        .setState(state)
                        .setIncarnation(incarnation)
                        .setCreatedAt(Instant.EPOCH)
                        .build());
        return this;
    }

    Known with(String processor, String topic, String segment, String prompt, LabelDefinition... labels) {
        processors.put(
                processor,
                ProcessorEntry.newBuilder()
                        .setId(processor)
                        .setTopic(topic)
                        .setSegment(segment)
                        .setState(ProcessorState.ACTIVE)
                        .setPromptTemplate(prompt)
                        .setLabels(List.of(labels))
                        .setConfig("{}")
                        .setUpdatedAt(Instant.EPOCH)
                        .build());
        return this;
    }

    /** The language model that a processor, which is known already, chooses. */
    Known withModel(String processor, ModelChoice choice) {
        ProcessorEntry entry = Objects.requireNonNull(processors.get(processor));
        processors.put(
                processor, ProcessorEntry.newBuilder(entry).setLlm(choice).build());
        return this;
    }

    @Override
    public Optional<CatalogEntry> topic(String topic) {
        return Optional.ofNullable(entries.get(topic));
    }

    @Override
    public Optional<CatalogEntry> segment(String topic, String segment) {
        return Optional.ofNullable(entries.get(topic + "/" + segment));
    }

    @Override
    public List<CatalogEntry> topics() {
        return entries.values().stream()
                .filter(entry -> entry.getKind() == CatalogKind.TOPIC)
                .toList();
    }

    @Override
    public List<CatalogEntry> segments(String topic) {
        return entries.values().stream()
                .filter(entry -> entry.getKind() == CatalogKind.SEGMENT)
                .toList();
    }

    @Override
    public Optional<ProcessorEntry> byId(String id) {
        return Optional.ofNullable(processors.get(id));
    }

    @Override
    public List<ProcessorEntry> serving(String topic, String segment) {
        return all().stream()
                .filter(entry ->
                        entry.getTopic().equals(topic) && entry.getSegment().equals(segment))
                .toList();
    }

    @Override
    public List<ProcessorEntry> all() {
        return List.copyOf(processors.values());
    }
}
