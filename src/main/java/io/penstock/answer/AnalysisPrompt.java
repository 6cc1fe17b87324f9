package io.penstock.answer;

import io.penstock.answer.LanguageModel.Message;
import io.penstock.answer.LanguageModel.Role;
import java.util.List;
import java.util.Map;

/**
 * What a language model is told to analyse a document by. The instructions are the operator's, filled in with the name of the
 * item; they and the document stand in escaped delimiters of the last message.
 *
 * @param print differs when the operator's files do; empty for the prompts that come with Penstock
 */
record AnalysisPrompt(Prompt system, Prompt user, String print) {
    List<Message> messages(String instructions, String document) {
        return List.of(
                new Message(Role.SYSTEM, system.text()),
                new Message(
                        Role.USER,
                        user.fill(
                                Map.of("instructions", Prompt.data(instructions), "document", Prompt.data(document)))));
    }
}
