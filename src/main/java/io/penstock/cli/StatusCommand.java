package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./penstock status}: whether Penstock is ready, what runs in it, and which topics it has. */
@Command(
        name = "./penstock status",
        sortOptions = false,
        description = "Shows whether Penstock is ready, its instances, topologies and topics.",
        footer = {"", "Ends with 0 when Penstock is ready and with 3 when it is not; docs/cli.md has all codes."})
final class StatusCommand implements Task {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Override
    public ConnectionOptions connection() {
        return connection;
    }

    @Override
    public ExitCode run(Surroundings here) {
        Calls calls = new Calls(connection.address(here), connection.deadline(here.time(), PATIENCE));
        ObjectNode status = look(calls);
        boolean ready = status.path("ready").asBoolean();
        if (connection.json()) {
            here.out().line(Json.line(status));
        } else {
            new StatusReport(here.out()).print(status);
        }
        return ready ? ExitCode.DONE : ExitCode.NEGATIVE;
    }

    /** While Penstock starts it may tell of its health alone. */
    private static ObjectNode look(Calls calls) {
        HttpResponse<String> health = calls.getAnyStatus("/q/health");
        ObjectNode checks = Json.read(health.body())
                .filter(body -> body.has("checks"))
                .orElseThrow(() -> health.statusCode() / 100 == 2
                        ? Failure.notPenstock(calls.address().url())
                        : Failure.answered(
                                health.statusCode(),
                                health.body(),
                                calls.address().url()));
        ObjectNode status = Json.object()
                .put("url", calls.address().url().toString())
                .put("ready", health.statusCode() == 200)
                .set("health", checks);
        try {
            status.setAll(calls.get("/api/topologies"));
            status.set("topics", topics(calls));
        } catch (Failure failure) {
            if (failure.exit() != ExitCode.NOT_NOW) {
                throw failure;
            }
            status.set("problem", failure.problem());
        }
        return status;
    }

    private static ArrayNode topics(Calls calls) {
        ArrayNode topics = Json.object().putArray("topics");
        Map<String, @Nullable Object> page = new LinkedHashMap<>();
        do {
            JsonNode catalog = calls.get(Calls.path("/api/catalog", page));
            catalog.path("topics").forEach(topics::add);
            page.put("after", catalog.path("next").textValue());
        } while (page.get("after") != null);
        return topics;
    }
}
