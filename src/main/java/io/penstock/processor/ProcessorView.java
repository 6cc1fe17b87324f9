package io.penstock.processor;

import io.penstock.schema.ProcessorEntry;
import java.util.List;
import java.util.Optional;

/** A read-only view of the configured processors. May be read from any thread. */
public interface ProcessorView {
    Optional<ProcessorEntry> byId(String id);

    /** The processors in state ACTIVE that serve a segment, by id. */
    List<ProcessorEntry> serving(String topic, String segment);

    /** All processors, by id. */
    List<ProcessorEntry> all();
}
