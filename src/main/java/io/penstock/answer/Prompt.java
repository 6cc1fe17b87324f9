package io.penstock.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A prompt template from the folder {@code prompts} on the class path. What is filled in is not looked at for place holders again. */
final class Prompt {
    private static final Pattern PLACE_HOLDER = Pattern.compile("\\{\\{(\\w+)}}");

    private final String template;

    private Prompt(String template) {
        this.template = template;
    }

    static Prompt load(String name) {
        String path = "/prompts/" + name + ".txt";
        try (InputStream in = Prompt.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("The prompt " + path + " is missing from the class path.");
            }
            return new Prompt(new String(in.readAllBytes(), UTF_8).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text() {
        return template;
    }

    String fill(Map<String, String> values) {
        Matcher matcher = PLACE_HOLDER.matcher(template);
        return matcher.replaceAll(match -> {
            String value = values.get(match.group(1));
            if (value == null) {
                throw new IllegalStateException("The prompt has a place holder that is not known: " + match.group());
            }
            return Matcher.quoteReplacement(value);
        });
    }

    /** Text as data: what could end its delimiters or look like them is escaped, so that it stays inside. */
    static String data(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
