package io.penstock.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The secrets of one capture: what was filled in for their names, and the way back. Everything that leaves a capture passes
 * through here, because servers repeat what they were sent: in links, in bodies and in the text of errors.
 *
 * <p><b>Threading.</b> For the thread of the capture.
 */
final class SecretsInUse {
    /** A shorter value is not looked for in content: it would be found where it was never meant. */
    private static final int SHORTEST_IN_CONTENT = 8;

    private final Secrets secrets;
    private final Map<String, String> used = new TreeMap<>();

    SecretsInUse(Secrets secrets) {
        this.secrets = secrets;
    }

    /** @throws CallException {@code capture.secret-unknown} when the name is not allowed, or has no value */
    String value(String name) throws CallException {
        if (!secrets.isAllowed(name)) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_SECRET_UNKNOWN.code(),
                    "A source may not use " + name + " as a secret. Name it in PENSTOCK_CAPTURE_SECRETS, or use a name "
                            + "that begins with " + CaptureSettings.SECRET_PREFIX + ".");
        }
        String value = secrets.value(name);
        if (value == null || value.isEmpty()) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_SECRET_UNKNOWN.code(),
                    "The environment of the process that captures has no " + name
                            + ", which a source uses as a secret.");
        }
        used.put(name, value);
        return value;
    }

    /** The text with names in place of values, in whichever way they are written. */
    String masked(String text) {
        String masked = text;
        for (Form form : forms(1)) {
            masked = masked.replace(form.text(), form.mask());
        }
        return masked;
    }

    /** The text, an address above all, without the values and without names that would make it none. */
    String hidden(String text) {
        String hidden = text;
        for (Form form : forms(1)) {
            hidden = hidden.replace(form.text(), "***");
        }
        return hidden;
    }

    /** The content with names in place of values, if it holds any. */
    byte[] masked(byte[] content) {
        byte[] masked = content;
        for (Form form : forms(SHORTEST_IN_CONTENT)) {
            masked = replaced(masked, form.text(), form.mask());
        }
        return masked;
    }

    /** The values again, in the form in which they came. */
    byte[] unmasked(byte[] content) {
        byte[] unmasked = content;
        for (Form form : forms(SHORTEST_IN_CONTENT)) {
            unmasked = replaced(unmasked, form.mask(), form.text());
        }
        return unmasked;
    }

    String unmasked(String text) {
        String unmasked = text;
        for (Form form : forms(1)) {
            unmasked = unmasked.replace(form.mask(), form.text());
        }
        return unmasked;
    }

    /**
     * Whether the text can be kept masked and comes back as it is. One in which the server itself wrote a name in our form would
     * come back with the value of the secret.
     */
    boolean comesBack(String text) {
        return namesNone(text) && unmasked(masked(text)).equals(text);
    }

    /** As {@link #comesBack(String)}. */
    boolean comesBack(byte[] content) {
        return used.isEmpty()
                || (namesNone(new String(content, ISO_8859_1)) && Arrays.equals(unmasked(masked(content)), content));
    }

    private boolean namesNone(String text) {
        return used.keySet().stream()
                .noneMatch(name -> text.contains("${" + name + "}") || text.contains("${" + name + "."));
    }

    CapturedItem masked(CapturedItem item) {
        if (used.isEmpty()) {
            return item;
        }
        CapturedContent content = item.content();
        Map<String, String> attributes = new TreeMap<>();
        content.attributes().forEach((name, value) -> attributes.put(name, masked(value)));
        String key = item.key();
        String label = item.label();
        return new CapturedItem(
                key == null ? null : masked(key),
                label == null ? null : masked(label),
                new CapturedContent(
                        masked(content.content()), content.contentType(), hidden(content.uri()), attributes));
    }

    /** The failure without values; its cause is left out, for its text may hold one. */
    CallException masked(CallException failure) {
        String message = String.valueOf(failure.getMessage());
        if (used.isEmpty()) {
            return failure;
        }
        return failure.withMessage(masked(message));
    }

    /** @param mask stands for the value in one form, so that it can be turned back even if the value was changed meanwhile */
    private record Form(String text, String mask) {}

    private List<Form> forms(int shortest) {
        List<Form> forms = new ArrayList<>();
        used.forEach((name, value) -> {
            if (value.length() >= shortest) {
                List<String> texts = List.of(
                        value,
                        Template.urlEncoded(value),
                        URLEncoder.encode(value, UTF_8),
                        Template.jsonEscaped(value),
                        Template.xmlEscaped(value));
                for (int form = 0; form < texts.size(); form++) {
                    forms.add(new Form(texts.get(form), "${" + name + (form == 0 ? "" : "." + form) + "}"));
                }
            }
        });
        // The longest first: a value may be part of another. Of equal forms the first is found.
        forms.sort(Comparator.comparingInt((Form form) -> form.text().length()).reversed());
        return forms;
    }

    private static byte[] replaced(byte[] content, String from, String to) {
        String text = new String(content, ISO_8859_1); // each byte is one character, and back
        String wanted = new String(from.getBytes(UTF_8), ISO_8859_1);
        return text.contains(wanted)
                ? text.replace(wanted, new String(to.getBytes(UTF_8), ISO_8859_1))
                        .getBytes(ISO_8859_1)
                : content;
    }
}
