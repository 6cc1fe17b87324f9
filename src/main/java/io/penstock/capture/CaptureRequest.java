package io.penstock.capture;

import io.penstock.schema.DataEntry;
import io.penstock.schema.SourceConfig;
import io.penstock.schema.StoredResponse;
import java.util.List;

/**
 * One entry of a data list, and how to capture it.
 *
 * @param processor id of the processor
 * @param responses those of the last time that may be asked for conditionally
 */
public record CaptureRequest(String processor, DataEntry entry, SourceConfig source, List<StoredResponse> responses) {
    public CaptureRequest {
        responses = List.copyOf(responses);
    }

    public CaptureRequest(String processor, DataEntry entry, SourceConfig source) {
        this(processor, entry, source, List.of());
    }
}
