package io.penstock.http.openai;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a model of the chat looks for answers in: {@code penstock} in everything, {@code penstock/<topic>} in a topic, {@code
 * penstock/<topic>/<segment>} in a segment. Whatever answers is the same.
 */
record ChatModel(
        String name, @Nullable String topic, @Nullable String segment) {
    static final String EVERYTHING = "penstock";

    /** Empty when the name is of another form; whether there is such a topic is not looked at. */
    static Optional<ChatModel> named(String name) {
        String[] parts = name.split("/", -1);
        if (!parts[0].equals(EVERYTHING) || parts.length > 3) {
            return Optional.empty();
        }
        String topic = parts.length > 1 ? parts[1] : null;
        String segment = parts.length > 2 ? parts[2] : null;
        return "".equals(topic) || "".equals(segment)
                ? Optional.empty()
                : Optional.of(new ChatModel(name, topic, segment));
    }

    static String of(String topic) {
        return EVERYTHING + "/" + topic;
    }

    static String of(String topic, String segment) {
        return of(topic) + "/" + segment;
    }
}
