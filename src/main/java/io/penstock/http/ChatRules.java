package io.penstock.http;

import io.penstock.answer.Reasoning;
import io.penstock.vector.SearchRequest;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a question to the chat may be, over whichever API it comes. */
public final class ChatRules {
    private static final int MAX_MESSAGE = 16_000;
    private static final int MAX_SESSION = 200;

    private ChatRules() {}

    public static String message(String message) {
        if (message.isBlank() || message.length() > MAX_MESSAGE) {
            throw Bodies.outOfRange("The message must have 1 to " + MAX_MESSAGE + " characters.");
        }
        return message;
    }

    /** How many passages to retrieve. */
    public static Optional<Integer> k(Optional<Integer> k) {
        if (k.isPresent() && (k.get() < 1 || k.get() > SearchRequest.MAX_K)) {
            throw Bodies.outOfRange("The field 'k' is a whole number from 1 to " + SearchRequest.MAX_K + ".");
        }
        return k;
    }

    /** The conversation that is named, or a new one. */
    public static String session(Optional<String> named) {
        String session = named.filter(id -> !id.isBlank())
                .orElseGet(() -> UUID.randomUUID().toString());
        if (session.length() > MAX_SESSION) {
            throw Bodies.outOfRange("The field 'session_id' has at most " + MAX_SESSION + " characters.");
        }
        if (isDots(session) || session.chars().anyMatch(Character::isISOControl)) {
            throw Bodies.outOfRange(
                    "The field 'session_id' is part of paths: it is neither '.' nor '..', and has no control"
                            + " characters.");
        }
        return session;
    }

    /** Clients and proxies take such a segment out of a path, so the conversation could be neither read nor deleted. */
    private static boolean isDots(String session) {
        return session.equals(".") || session.equals("..");
    }

    /** Which prompt a language model is given; null for the usual one. */
    public static @Nullable String prompt(Optional<String> reasoning) {
        String text = reasoning.orElse(Reasoning.DIRECT.text());
        Reasoning wanted = Reasoning.named(text)
                .orElseThrow(() -> Bodies.malformed("The field 'reasoning' is " + Reasoning.DIRECT.text() + " or "
                        + Reasoning.STEP_BY_STEP.text() + ", not '" + text + "'."));
        return wanted == Reasoning.DIRECT ? null : wanted.text();
    }
}
