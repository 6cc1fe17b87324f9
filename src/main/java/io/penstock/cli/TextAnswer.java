package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** The reply as it comes, then what it cites. */
final class TextAnswer implements AnswerView {
    private static final String INDENT = "    ";
    /** Of a passage, on a terminal: enough to know it by. */
    private static final int MOST_LINES = 4;

    private final Screen out;
    private final StringBuilder reply = new StringBuilder();
    private Wrapping wrapping;

    TextAnswer(Screen out) {
        this.out = out;
        this.wrapping = new Wrapping(out, "");
    }

    @Override
    public void start(JsonNode start) {
        // A person has no use for the ids.
    }

    @Override
    public void citations(JsonNode citations) {
        // Only those that the reply names are shown, and they are known at its end.
    }

    @Override
    public void text(String piece) {
        reply.append(piece);
        wrapping.append(piece);
        out.flush();
    }

    @Override
    public void reset(JsonNode reset) {
        if (!reply.isEmpty()) {
            wrapping.end();
            out.line().print("--- The answer is made anew: ---", Style.YELLOW).line();
            out.flush();
        }
        reply.setLength(0);
        wrapping = new Wrapping(out, "");
    }

    @Override
    public void done(JsonNode answer) {
        String whole = answer.path("reply").asText();
        if (whole.startsWith(reply.toString())) {
            text(whole.substring(reply.length()));
        } else {
            reset(answer);
            text(whole);
        }
        wrapping.end();
        out.line();
        JsonNode citations = answer.path("citations");
        if (!citations.isEmpty()) {
            out.line();
            citations.forEach(this::cite);
        }
        out.flush();
    }

    private void cite(JsonNode citation) {
        out.print("[" + citation.path("n").asText() + "]", Style.CYAN).print(" " + title(citation), Style.BOLD);
        out.print("  " + place(citation), Style.DIM).line();
        Wrapping quote = new Wrapping(out, INDENT);
        String text = Screen.oneLine(citation.path("text").asText());
        quote.append(out.isTerminal() ? Width.cut(text, MOST_LINES * (out.columns() - INDENT.length())) : text);
        quote.end();
        out.line();
    }

    /** What people call the item. */
    static String title(JsonNode passage) {
        String label = passage.path("label").asText("");
        return Screen.oneLine(label.isBlank() ? passage.path("item").asText() : label);
    }

    /** Where a passage stands: its segment, its address, and which characters of the record it is. */
    static String place(JsonNode passage) {
        String uri = passage.path("uri").asText("");
        return Screen.oneLine(passage.path("topic").asText() + "/"
                + passage.path("segment").asText() + ", "
                + (uri.isEmpty() ? passage.path("item").asText() : uri) + ", characters "
                + passage.path("start").asText() + " to " + passage.path("end").asText());
    }
}
