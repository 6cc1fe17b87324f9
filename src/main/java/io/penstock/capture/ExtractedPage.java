package io.penstock.capture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one response holds.
 *
 * @param document the response as JSON, to look for the next page in; null when it is none
 */
record ExtractedPage(List<CapturedItem> items, @Nullable JsonNode document) {}
