package io.penstock.capture;

import io.penstock.schema.DataEntry;
import io.penstock.schema.SourceConfig;

/**
 * One entry of a data list, and how to capture it.
 *
 * @param processor id of the processor
 */
public record CaptureRequest(String processor, DataEntry entry, SourceConfig source) {}
