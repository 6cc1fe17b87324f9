package io.penstock.cli;

/** Events and bodies as Penstock sends them. */
public final class Answers {
    public static final String CITATION = """
            {"n":1,"topic":"harbour","segment":"notices","processor":"p","item":"n-18","label":"Notice 18",\
            "uri":"inline:p/n-18","text":"Pilotage is\\ncompulsory.","start":4,"end":27,"score":1.0}""";

    private Answers() {}

    public static String start() {
        return Loopback.event("0-10-0-r", "start", "{\"request_id\":\"r\",\"session_id\":\"s\"}");
    }

    public static String citations() {
        return Loopback.event("citations", "{\"citations\":[" + CITATION + "]}");
    }

    /** @param place offset of the record that bears it */
    public static String text(int place, String text) {
        return Loopback.event("0-" + place + "-1-r", "text", "{\"text\":\"" + text + "\"}");
    }

    public static String done(int place, String reply) {
        return Loopback.event("0-" + place + "-1-r", "done", answer(reply));
    }

    public static String answer(String reply) {
        return "{\"reply\":\"" + reply + "\",\"answered\":true,\"answerer\":\"extractive\",\"citations\":[" + CITATION
                + "],\"session_id\":\"s\",\"request_id\":\"r\",\"usage\":{\"prompt_tokens\":0}}";
    }

    public static String noAnswer(String reply) {
        return "{\"reply\":\"" + reply + "\",\"answered\":false,\"answerer\":\"extractive\",\"citations\":[],"
                + "\"session_id\":\"s\",\"request_id\":\"r\",\"usage\":{\"prompt_tokens\":0}}";
    }

    public static String run(String id, String state, int indexed, int failed) {
        return "{\"run_id\":\"" + id + "\",\"topic\":\"economy\",\"segments\":[\"a\",\"b\"],\"state\":\"" + state
                + "\",\"started_at\":\"2026-01-01T00:00:00Z\",\"finished_at\":"
                + (state.equals("RUNNING") ? "null" : "\"2026-01-01T00:01:05Z\"")
                + ",\"counts\":{\"tasks\":10,\"captured\":" + (indexed + failed)
                + ",\"unchanged\":0,\"enriched\":" + indexed + ",\"rejected\":0,\"indexed\":" + indexed + ",\"failed\":"
                + failed + "},\"failures\":["
                + (failed == 0
                        ? ""
                        : "{\"code\":\"capture.timeout\",\"count\":" + failed + ",\"sample\":\"economy/a/p/1: slow\"}")
                + "]}";
    }
}
