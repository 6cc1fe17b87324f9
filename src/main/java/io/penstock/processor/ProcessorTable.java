package io.penstock.processor;

import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.table.GlobalTable;
import java.util.List;
import java.util.Optional;

/** The processors as this instance holds them. */
public final class ProcessorTable implements ProcessorView {
    private final GlobalTable<ProcessorEntry> table;

    public ProcessorTable(GlobalTable<ProcessorEntry> table) {
        this.table = table;
    }

    @Override
    public Optional<ProcessorEntry> byId(String id) {
        return table.get(id);
    }

    @Override
    public List<ProcessorEntry> serving(String topic, String segment) {
        return all().stream()
                .filter(entry -> entry.getState() == ProcessorState.ACTIVE)
                .filter(entry ->
                        entry.getTopic().equals(topic) && entry.getSegment().equals(segment))
                .toList();
    }

    @Override
    public List<ProcessorEntry> all() {
        return List.copyOf(table.startingWith("").values());
    }
}
