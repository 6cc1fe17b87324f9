package io.penstock.document;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was read in a document.
 *
 * @param title as the document itself says, if it does
 * @param attributes what else it says about itself, by the names in {@link DocumentAttributes}
 */
public record DocumentText(@Nullable String title, String text, Map<String, String> attributes) {
    public DocumentText {
        attributes = Map.copyOf(attributes);
    }
}
