package io.penstock.bench;

import java.io.IOException;
import java.net.URI;

/**
 * What HTTP alone takes in the application: a question with a field that there is not goes through all checks before the chat, and is
 * refused by name of that field. Used by one thread.
 */
final class RefusalOverHttp implements RoundTrip {
    private static final String BEFORE = "The field '";

    private final LeanHttp connection;

    RefusalOverHttp(URI server, String key) throws IOException {
        this.connection = new LeanHttp(server, key);
    }

    @Override
    public String name() {
        return "a refused question";
    }

    @Override
    public String ask(String question) throws IOException {
        String problem = connection.post("/api/chat", "{\"message\":\"x\",\"" + question + "\":1}", 400);
        int begin = problem.indexOf(BEFORE) + BEFORE.length();
        return problem.substring(begin, problem.indexOf('\'', begin));
    }

    @Override
    public void close() {
        connection.close();
    }
}
