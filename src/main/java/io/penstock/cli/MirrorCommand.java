package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ./penstock mirror}: shows the mirrors, or orders that one is rebuilt. */
@Command(
        name = "./penstock mirror",
        sortOptions = false,
        customSynopsis = {"./penstock mirror [OPTIONS]", "       ./penstock mirror rebuild NAME [OPTIONS]"},
        description = "Shows the mirrors, or writes one anew from the state stores: pinecone, redis or mongodb.",
        footer = {"", "docs/cli.md has all exit codes."})
final class MirrorCommand implements Task {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Parameters(arity = "0..2", paramLabel = "rebuild NAME", description = "Rebuild this mirror.")
    private List<String> order = new ArrayList<>();

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Override
    public ConnectionOptions connection() {
        return connection;
    }

    @Override
    public ExitCode run(Surroundings here) {
        if (!order.isEmpty() && !(order.size() == 2 && order.getFirst().equals("rebuild"))) {
            throw new Failure(
                    ExitCode.USAGE,
                    "client.usage",
                    "mirror takes nothing or rebuild NAME; got: " + String.join(" ", order) + ".");
        }
        Calls calls = new Calls(connection.address(here), connection.deadline(here.time(), PATIENCE));
        JsonNode answer = order.isEmpty()
                ? calls.get("/api/mirrors")
                : calls.post("/api/mirrors/" + Calls.encoded(order.getLast()) + "/rebuild", null, Map.of());
        if (connection.json()) {
            here.out().line(Json.line(answer));
        } else if (order.isEmpty()) {
            print(answer.path("mirrors"), here.out());
        } else {
            here.out()
                    .line(answer.path("name").asText() + " is "
                            + answer.path("state").asText());
        }
        return ExitCode.DONE;
    }

    private static void print(JsonNode mirrors, Screen out) {
        if (mirrors.isEmpty()) {
            out.line("No mirror is turned on.");
            return;
        }
        Grid grid = new Grid("MIRROR", "STATE", "BACKLOG", "UPSERTS", "DELETES", "SKIPPED", "FAILURES", "REBUILDS");
        for (JsonNode mirror : mirrors) {
            grid.row(
                    mirror.path("name").asText(),
                    mirror.path("state").asText(),
                    mirror.path("backlog").asText(),
                    mirror.path("upserts").asText(),
                    mirror.path("deletes").asText(),
                    mirror.path("skipped").asText(),
                    mirror.path("failures").asText(),
                    mirror.path("rebuilds").asText());
        }
        grid.print(out);
        for (JsonNode mirror : mirrors) {
            if (mirror.has("last_error")) {
                out.print("  " + mirror.path("name").asText(), Style.YELLOW)
                        .line(": "
                                + Screen.oneLine(mirror.at("/last_error/detail").asText()) + " ("
                                + mirror.at("/last_error/code").asText() + ")");
            }
        }
    }
}
