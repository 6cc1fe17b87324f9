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
            String secret = found.group("secret");
            String value = secret != null
                    ? secrets.value(secret)
                    : found.group("field").equals("value") ? entry.getValue() : entry.getLabel();
            found.appendReplacement(filled, Matcher.quoteReplacement(encoder.apply(value)));
        }
        return found.appendTail(filled).toString();
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
