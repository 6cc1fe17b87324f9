package io.penstock.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.processor.ProcessorConfigReader;
import io.penstock.schema.ConfigProblem;
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

    /** @throws PenstockException {@code processor.invalid}, naming the field: then nothing is stored */
    public ProcessorEntry put(String id, JsonNode config) {
        ProcessorEntry entry = reader.parse(config, id);
        if (entry.getState() == ProcessorState.INVALID) {
            ConfigProblem first = entry.getProblems().getFirst();
            throw new PenstockException(
                    ErrorCode.PROCESSOR_INVALID,
                    first.getField() + ": " + first.getMessage()
                            + (entry.getProblems().size() == 1
                                    ? ""
                                    : " (and " + (entry.getProblems().size() - 1) + " more)"));
        }
        entries.put(id, entry);
        return entry;
    }

    public void delete(String id) {
        entries.delete(id);
    }
}
