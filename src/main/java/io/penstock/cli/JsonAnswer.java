package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** Each event as one object on a line. */
final class JsonAnswer implements AnswerView {
    private final Screen out;

    JsonAnswer(Screen out) {
        this.out = out;
    }

    @Override
    public void start(JsonNode start) {
        print("start", start);
    }

    @Override
    public void citations(JsonNode citations) {
        print("citations", citations);
    }

    @Override
    public void text(String piece) {
        print("text", Json.object().put("text", piece));
    }

    @Override
    public void reset(JsonNode reset) {
        print("reset", reset);
    }

    @Override
    public void done(JsonNode answer) {
        print("done", answer);
    }

    private void print(String event, JsonNode data) {
        out.line(Json.line(Json.event(event, data))).flush();
    }
}
