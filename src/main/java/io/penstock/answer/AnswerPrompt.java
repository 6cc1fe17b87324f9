package io.penstock.answer;

import io.penstock.answer.LanguageModel.Message;
import io.penstock.answer.LanguageModel.Role;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a language model is told to answer a question by. Whatever was collected, asked or replied is data in escaped delimiters of
 * the last message; the system message never depends on it.
 */
record AnswerPrompt(Prompt system, Prompt user) {
    /** The numbers in an earlier reply are those of passages that are not there any more. */
    private static final Pattern MARKS = Pattern.compile("\\s?\\[\\d{1,3}(?:\\s*[,;]\\s*\\d{1,3})*]");

    List<Message> messages(Question question) {
        return List.of(
                new Message(Role.SYSTEM, system.text()),
                new Message(
                        Role.USER,
                        user.fill(Map.of(
                                "conversation", conversation(question.history()),
                                "passages", passages(question.passages()),
                                "question", Prompt.data(question.text())))));
    }

    private static String conversation(List<Question.Exchange> history) {
        StringBuilder text = new StringBuilder();
        for (Question.Exchange turn : history) {
            text.append(text.isEmpty() ? "" : "\n")
                    .append("<asked>\n")
                    .append(Prompt.data(turn.question()))
                    .append("\n</asked>\n<replied>\n")
                    .append(Prompt.data(MARKS.matcher(turn.reply()).replaceAll("")))
                    .append("\n</replied>");
        }
        return text.toString();
    }

    private static String passages(List<Passage> passages) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < passages.size(); i++) {
            Passage passage = passages.get(i);
            text.append(i == 0 ? "" : "\n")
                    .append("<passage n=\"")
                    .append(i + 1)
                    .append("\" label=\"")
                    .append(Prompt.attribute(passage.label()))
                    .append("\" uri=\"")
                    .append(Prompt.attribute(passage.uri()))
                    .append("\">\n")
                    .append(Prompt.data(passage.text()))
                    .append("\n</passage>");
        }
        return text.toString();
    }
}
