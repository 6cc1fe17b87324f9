package io.penstock.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.processor.InvalidProcessorException;
import io.penstock.processor.ProcessorConfigReader;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.table.TableWriter;

/** Stores and removes processors that come over HTTP. */
public final class ProcessorGateway {
    private final ProcessorConfigReader reader;
    private final TableWriter<ProcessorEntry> entries;

    public ProcessorGateway(ProcessorConfigReader reader, TableWriter<ProcessorEntry> entries) {
        this.reader = reader;
        this.entries = entries;
    }

    /** @throws InvalidProcessorException {@code processor.invalid}, with all that is wrong: then nothing is stored */
    public ProcessorEntry put(String id, JsonNode config) {
        ProcessorEntry entry = checked(id, config);
        entries.put(id, entry);
        return entry;
    }

    /**
     * The processor as it would be stored.
     *
     * @throws InvalidProcessorException {@code processor.invalid}, with all that is wrong
     */
    public ProcessorEntry checked(String id, JsonNode config) {
        ProcessorEntry entry = reader.parse(config, id);
        if (entry.getState() == ProcessorState.INVALID) {
            throw new InvalidProcessorException(entry.getProblems());
        }
        return entry;
    }

    public void delete(String id) {
        entries.delete(id);
    }
}
