package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.DataEntry;
import io.penstock.stage.CallException;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills {@code {value}} and {@code {label}} from a data-list entry. In one pass: what is filled in is never looked at again, so
 * a value that reads {@code {label}} stays what it is.
 */
final class Template {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(value|label)}");
    private static final Pattern PLACEHOLDER_OR_SECRET =
            Pattern.compile("\\$\\{(?<secret>[A-Z][A-Z0-9_]*)}|\\{(?<field>value|label)}");
    private static final Pattern JSON_SCALAR =
            Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false|null");
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private static final String HEX = "0123456789ABCDEF";

    private Template() {}

    /** @param encoder what makes a value harmless where it is going */
    static String fill(String template, DataEntry entry, UnaryOperator<String> encoder) {
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(found -> Matcher.quoteReplacement(
                        encoder.apply(found.group(1).equals("value") ? entry.getValue() : entry.getLabel())));
    }

    /**
     * As {@link #fill(String, DataEntry, UnaryOperator)}, and the value of a secret for each {@code ${NAME}}.
     *
     * @throws CallException {@code capture.secret-unknown}
     */
    static String fill(String template, DataEntry entry, UnaryOperator<String> encoder, SecretsInUse secrets)
            throws CallException {
        StringBuilder filled = new StringBuilder(template.length());
        Matcher found = PLACEHOLDER_OR_SECRET.matcher(template);
        while (found.find()) {
            found.appendReplacement(filled, Matcher.quoteReplacement(encoder.apply(value(found, entry, secrets))));
        }
        return found.appendTail(filled).toString();
    }

    private static String value(Matcher found, DataEntry entry, SecretsInUse secrets) throws CallException {
        String secret = found.group("secret");
        if (secret != null) {
            return secrets.value(secret);
        }
        return found.group("field").equals("value") ? entry.getValue() : entry.getLabel();
    }

    /**
     * Fills a template of JSON. Within a string a value stays there, whatever it holds; elsewhere it may be a number, {@code true},
     * {@code false} or {@code null}, and nothing else.
     *
     * @throws IllegalArgumentException when a value would change what the document is made of
     * @throws CallException {@code capture.secret-unknown}
     */
    static String fillJson(String template, DataEntry entry, SecretsInUse secrets) throws CallException {
        StringBuilder filled = new StringBuilder(template.length() + 32);
        Matcher found = PLACEHOLDER_OR_SECRET.matcher(template);
        boolean inString = false;
        int at = 0;
        while (found.find()) {
            inString = endsInString(template, at, found.start(), inString);
            filled.append(template, at, found.start());
            String value = value(found, entry, secrets);
            if (!inString && !JSON_SCALAR.matcher(value).matches()) {
                throw new IllegalArgumentException(
                        found.group() + " does not stand in quotes, and its value is no number, true, false or null");
            }
            filled.append(inString ? jsonEscaped(value) : value);
            at = found.end();
        }
        return filled.append(template, at, template.length()).toString();
    }

    private static boolean endsInString(String template, int from, int to, boolean beganInString) {
        boolean inString = beganInString;
        for (int i = from; i < to; i++) {
            char c = template.charAt(i);
            if (c == '\\' && inString) {
                i++;
            } else if (c == '"') {
                inString = !inString;
            }
        }
        return inString;
    }

    /** Percent-encodes all but RFC 3986's unreserved characters, so that a value stays inside its part of a URL. */
    static String urlEncoded(String value) {
        StringBuilder encoded = new StringBuilder(value.length() + 16);
        for (byte b : value.getBytes(UTF_8)) {
            char c = (char) (b & 0xff);
            if (UNRESERVED.indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
            }
        }
        return encoded.toString();
    }

    /** What stands between the quotes of a JSON string. */
    static String jsonEscaped(String value) {
        StringBuilder escaped = new StringBuilder(value.length() + 16);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                escaped.append('\\').append(c);
            } else if (c < 0x20) {
                escaped.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    static String xmlEscaped(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&apos;");
    }
}
