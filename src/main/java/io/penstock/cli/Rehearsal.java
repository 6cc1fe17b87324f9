package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs every command once, against a server in this process that answers in the shapes of the API, so that the JVM can keep the
 * classes that they need in an archive. The launcher runs it after a build; what it prints goes nowhere.
 */
public final class Rehearsal {
    private static final String PASSAGE = """
            {"n":1,"id":"1","topic":"t","segment":"s","item":"i","label":"l","uri":"u","text":"\u201ct\u201d","start":0,"end":1,"score":0.5}""";
    private static final String ANSWER =
            "{\"reply\":\"\u201ct\u201d [1]\",\"answered\":true,\"answerer\":\"extractive\",\"citations\":[" + PASSAGE
                    + "],\"session_id\":\"s\",\"request_id\":\"r\",\"usage\":{\"prompt_tokens\":0}}";
    private static final String STREAM =
            "id: 0-1-0-r\nevent: start\ndata: {\"request_id\":\"r\",\"session_id\":\"s\"}\n\n"
                    + "event: citations\ndata: {\"citations\":[" + PASSAGE + "]}\n\n"
                    + "id: 0-2-1-r\nevent: text\ndata: {\"text\":\"\u201ct\"}\n\n"
                    + "id: 0-3-1-r\nevent: done\ndata: " + ANSWER + "\n\n";
    private static final String RUN = """
            {"run_id":"r","topic":"t","segments":["s"],"state":"DONE","started_at":"2026-01-01T00:00:00Z",\
            "finished_at":"2026-01-01T00:00:01Z","counts":{"tasks":1,"indexed":1},"failures":[{"code":"c","count":1,"sample":"s"}]}""";
    private static final Map<String, String> ANSWERS = Map.of(
            "/api/chat",
            STREAM,
            "/api/search",
            "{\"hits\":[" + PASSAGE + "],\"shards\":{\"asked\":1,\"answered\":1}}",
            "/api/collect",
            "{\"runs\":[{\"run_id\":\"r\",\"topic\":\"t\",\"segments\":[\"s\"]}]}",
            "/api/runs/r",
            RUN,
            "/api/topologies",
            "{\"topologies\":[{\"name\":\"t\",\"state\":\"RUNNING\",\"threads\":1,\"lag\":0}],\"instances\":[{\"id\":\"i\"}]}",
            "/api/catalog",
            "{\"topics\":[{\"topic\":\"t\",\"segments\":[{\"segment\":\"s\",\"processors\":1}]}],\"next\":null}",
            "/q/health",
            "{\"status\":\"UP\",\"checks\":[]}",
            "/api/mirrors",
            "{\"mirrors\":[{\"name\":\"redis\",\"backlog\":0}]}");
    private static final List<List<String>> COMMANDS = List.of(
            List.of("ask", "What?"),
            List.of("ask", "--json", "What?"),
            List.of("ask", "--no-stream", "--topic", "t", "-k", "3", "What?"),
            List.of("chat"),
            List.of("search", "what"),
            List.of("collect", "t", "s"),
            List.of("status"),
            List.of("mirror"),
            List.of("ask", "--help"),
            List.of("ask", "--timeout", "never"));

    private Rehearsal() {}

    public static void main(String... arguments) throws IOException {
        rehearse();
    }

    /** @return how each command ended, once on a terminal and once not */
    static List<Integer> rehearse() throws IOException {
        List<Integer> codes = new ArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", Rehearsal::answer);
        server.start();
        Map<String, String> environment =
                Map.of("PENSTOCK_URL", "http://127.0.0.1:" + server.getAddress().getPort(), "PENSTOCK_API_KEY", "key");
        for (boolean terminal : new boolean[] {true, false}) {
            for (List<String> command : COMMANDS) {
                codes.add(Main.run(command, surroundings(environment, terminal)));
            }
        }
        server.stop(0);
        return codes;
    }

    private static Surroundings surroundings(Map<String, String> environment, boolean terminal) {
        return new Surroundings(
                environment,
                Path.of(""),
                Path.of(""),
                new ByteArrayInputStream("What?\n".getBytes(UTF_8)),
                terminal,
                new Screen(OutputStream.nullOutputStream(), terminal, true, 80),
                new Screen(OutputStream.nullOutputStream(), terminal, true, 80),
                Time.SYSTEM,
                new Interruption());
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            boolean streams =
                    "text/event-stream".equals(exchange.getRequestHeaders().getFirst("Accept"));
            String text = ANSWERS.getOrDefault(exchange.getRequestURI().getPath(), "{}");
            byte[] body = (text.equals(STREAM) && !streams ? ANSWER : text).getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", streams ? "text/event-stream" : "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
