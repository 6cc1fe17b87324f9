package io.penstock.answer;

import io.penstock.stage.CallException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Completes a conversation. Makes each call once: retries are the caller's.
 *
 * <p><b>Threading.</b> May be used from any thread, and blocks it until the completion is whole. Interrupting that thread ends
 * the exchange with whatever serves the model.
 */
public interface LanguageModel {
    /** Who says something. */
    enum Role {
        SYSTEM,
        USER,
        ASSISTANT
    }

    /** Something that was said. */
    record Message(Role role, String text) {}

    /**
     * What the model wrote.
     *
     * @param text without white space at its ends; never blank
     * @param promptTokens 0 when the endpoint does not say
     * @param completionTokens 0 when the endpoint does not say
     * @param cut whether the model reached its limit of tokens before it had ended
     */
    record Completion(String text, int promptTokens, int completionTokens, boolean cut) {}

    /** As the endpoint knows it. */
    String name();

    /**
     * Completes the conversation.
     *
     * @param onText told each piece of text as it arrives, on the calling thread; what it is told before a failure is not the
     *     whole. Joined, and without white space at the ends, the pieces are the text of the completion
     * @throws CallException with one of the {@code llm.*} codes
     */
    Completion complete(List<Message> messages, Consumer<String> onText) throws CallException, InterruptedException;
}
