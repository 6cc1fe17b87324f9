package io.penstock.answer;

import io.penstock.schema.Citation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What was told of a reply while it was made. */
final class HeardReply implements ReplyListener {
    final List<List<Citation>> citations = new ArrayList<>();
    final List<String> pieces = new ArrayList<>();
    private final Consumer<String> onText;

    HeardReply() {
        this(piece -> {});
    }

    HeardReply(Consumer<String> onText) {
        this.onText = onText;
    }

    @Override
    public void onCitations(List<Citation> told) {
        if (!pieces.isEmpty()) {
            throw new IllegalStateException("citations come before the text");
        }
        citations.add(told);
    }

    @Override
    public void onText(String piece) {
        pieces.add(piece);
        onText.accept(piece);
    }

    String text() {
        return String.join("", pieces);
    }
}
