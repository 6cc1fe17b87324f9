package io.penstock.enrich;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A processor's prompt, in which {@code [ASSET_NAME]} and {@code [LABEL]} stand for what people call the item (its value when it
 * has no label) and {@code [VALUE]} for its value. What is filled in is not looked at for place holders again.
 */
final class PromptTemplate {
    private static final Pattern PLACE_HOLDER = Pattern.compile("\\[(ASSET_NAME|LABEL|VALUE)]");

    private PromptTemplate() {}

    static String fill(String template, String label, String value) {
        String name = label.isBlank() ? value : label;
        return PLACE_HOLDER
                .matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(match.group(1).equals("VALUE") ? value : name));
    }
}
