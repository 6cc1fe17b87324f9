package io.penstock.mirror;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What must not be seen in a mirror's messages: drivers put addresses with passwords, and keys, into theirs. */
final class Secrets {
    private static final String MASK = "***";
    private static final Pattern USER_INFO = Pattern.compile("://([^/@]*)@");
    private static final int SHORTEST = 4;
    private static final int LONGEST_MESSAGE = 500;

    private final Set<String> secrets =
            new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    /** @param sources keys, and addresses whose user names and passwords are secret */
    Secrets(String... sources) {
        for (String source : sources) {
            Matcher userInfo = USER_INFO.matcher(source);
            if (userInfo.find()) {
                for (String part : userInfo.group(1).split(":", 2)) {
                    add(part);
                    add(decoded(part));
                }
            } else if (!source.contains("://")) {
                add(source);
            }
        }
    }

    private static String decoded(String part) {
        try {
            return URLDecoder.decode(part, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return part; // it is not encoded then
        }
    }

    private void add(String secret) {
        if (secret.length() >= SHORTEST) {
            secrets.add(secret);
        }
    }

    /** The text on one line, without secrets and not too long. */
    String redact(@Nullable String text) {
        String shown = text == null ? "" : text.replaceAll("\\s+", " ").strip();
        shown = USER_INFO.matcher(shown).replaceAll("://" + MASK + "@");
        for (String secret : secrets) {
            shown = shown.replace(secret, MASK);
        }
        return shown.length() > LONGEST_MESSAGE ? shown.substring(0, LONGEST_MESSAGE) + "..." : shown;
    }

    /** What a failure says, or what it is when it says nothing. */
    String of(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            String message = each.getMessage();
            if (message != null && !message.isBlank()) {
                return redact(message);
            }
        }
        return redact(failure.getClass().getSimpleName());
    }
}
