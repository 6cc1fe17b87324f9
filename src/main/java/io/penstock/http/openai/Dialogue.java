package io.penstock.http.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schema.ChatExchange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A question and what was said before it, out of the messages of a completion.
 *
 * <p>Each reply of the assistant belongs to the message of the user right before it. Messages of the system and the developer are
 * passed over, and so is what makes no pair: a greeting of the assistant, and a question that was never answered.
 */
record Dialogue(String question, List<ChatExchange> history) {
    private static final String MESSAGES = "messages";

    Dialogue {
        history = List.copyOf(history);
    }

    static Dialogue read(JsonNode messages) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw InvalidParameter.malformed(MESSAGES, "The field 'messages' is an array of at least one message.");
        }
        List<ChatExchange> history = new ArrayList<>();
        String asked = null;
        String replied = null;
        for (int i = 0; i < messages.size(); i++) {
            JsonNode message = messages.get(i);
            String at = MESSAGES + "[" + i + "]";
            switch (message.path("role").asText()) {
                case "user" -> {
                    add(history, asked, replied);
                    asked = MessageContent.text(message, at);
                    replied = null;
                }
                case "assistant" -> {
                    if (message.hasNonNull("content")) {
                        String reply = MessageContent.text(message, at);
                        replied = replied == null ? reply : replied + "\n" + reply;
                    }
                }
                case "system", "developer" -> {
                    // Not followed: what the chat is told to do is in its prompt files.
                }
                default ->
                    throw InvalidParameter.unsupported(
                            at + ".role",
                            "A message is of the role user, assistant, system or developer; tools are not called here.");
            }
        }
        if (asked == null || replied != null) {
            throw InvalidParameter.unsupported(
                    MESSAGES, "The last message but those of the system must be the user's: it is the question.");
        }
        return new Dialogue(asked, history);
    }

    private static void add(List<ChatExchange> history, @Nullable String asked, @Nullable String replied) {
        if (asked != null && replied != null) {
            history.add(new ChatExchange(asked, replied));
        }
    }
}
