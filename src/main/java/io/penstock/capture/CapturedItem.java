package io.penstock.capture;

import org.jspecify.annotations.Nullable;

/**
 * One item of a capture.
 *
 * @param key what identifies it among those of its entry; null when it is the only one that the entry can have
 * @param label what people call it; null takes the entry's label
 */
public record CapturedItem(@Nullable String key, @Nullable String label, CapturedContent content) {}
