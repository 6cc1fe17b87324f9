package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./penstock collect}: orders a collection and follows its run to the end. */
@Command(
        name = "./penstock collect",
        sortOptions = false,
        description = "Collects segments of a topic, and shows how far that is until the run is over.",
        footer = {
            "",
            "Ctrl-C and --timeout end the watching; the run goes on.",
            "Ends with 0 when the run ends DONE, with 4 for PARTIAL and with 5 for FAILED; docs/cli.md has all codes."
        })
final class CollectCommand implements Task {
    private static final Duration ORDER_PATIENCE = Duration.ofSeconds(60);
    private static final int ORDER_TRIES = 3;

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic.")
    private String topic = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "SEGMENT", description = "Its segments to collect.")
    private List<String> segments = new ArrayList<>();

    @Option(names = "--no-wait", description = "Print the id of the run and do not wait for its end.")
    private boolean leaves;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Override
    public ConnectionOptions connection() {
        return connection;
    }

    @Override
    public ExitCode run(Surroundings here) {
        Address address = connection.address(here);
        Deadline deadline = connection.deadline(here.time(), null);
        Map<String, ObjectNode> accepted = new LinkedHashMap<>();
        for (JsonNode run : order(new Calls(address, connection.deadline(here.time(), ORDER_PATIENCE)))) {
            accepted.put(run.path("run_id").asText(), run.deepCopy());
        }
        accepted.forEach((id, run) -> {
            if (connection.json()) {
                print("accepted", run, here);
            } else if (leaves) {
                here.out().line(id).flush();
            }
        });
        if (leaves) {
            return ExitCode.DONE;
        }
        here.interruption().say("the run goes on: GET /api/runs/" + String.join(", ", accepted.keySet()));
        Collection<ObjectNode> runs = follow(accepted, new RunFollower(here, address, deadline), here);
        if (!connection.json()) {
            runs.forEach(run -> RunReport.print(run, here.out()));
        }
        return RunReport.exit(runs);
    }

    /** The key makes a repetition harmless, should the connection break between the order and its answer. */
    private JsonNode order(Calls calls) {
        ObjectNode order = Json.object().put("topic", topic);
        ArrayNode targets = order.putArray("segment_targets");
        segments.forEach(targets::add);
        Map<String, String> headers =
                Map.of("Idempotency-Key", UUID.randomUUID().toString());
        for (int attempt = 1; ; attempt++) {
            try {
                return calls.post("/api/collect", order, headers).path("runs");
            } catch (Failure failure) {
                if (attempt == ORDER_TRIES || !failure.code().equals("client.broken")) {
                    throw failure;
                }
            }
        }
    }

    private Collection<ObjectNode> follow(Map<String, ObjectNode> accepted, RunFollower follower, Surroundings here) {
        if (connection.json()) {
            Map<String, JsonNode> printed = new LinkedHashMap<>();
            return follower.follow(
                    accepted,
                    (runs, silence) -> runs.forEach(run -> {
                        if (run.has("counts")
                                && !RunReport.change(run)
                                        .equals(printed.put(run.path("run_id").asText(), RunReport.change(run)))) {
                            print("run", run, here);
                        }
                    }));
        }
        ProgressBar bar = new ProgressBar(here.err(), here.time(), topic);
        try {
            return follower.follow(accepted, (runs, silence) -> bar.show(Progress.of(runs), silence));
        } finally {
            bar.end();
        }
    }

    private static void print(String event, JsonNode run, Surroundings here) {
        here.out().line(Json.line(Json.event(event, run))).flush();
    }
}
