package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The state of Penstock, for people. */
final class StatusReport {
    private final Screen out;

    StatusReport(Screen out) {
        this.out = out;
    }

    void print(JsonNode status) {
        boolean ready = status.path("ready").asBoolean();
        out.print("Penstock at " + status.path("url").asText() + " is ")
                .print(ready ? "ready" : "not ready", ready ? Style.GREEN : Style.RED)
                .line();
        for (JsonNode check : status.at("/health/checks")) {
            String reason = check.at("/data/reason").asText("");
            if (!check.path("status").asText().equals("UP")) {
                out.line("  " + check.path("name").asText() + (reason.isEmpty() ? " is down" : ": " + reason));
            }
        }
        if (status.has("problem")) {
            out.line("  " + status.at("/problem/detail").asText());
            return;
        }
        instances(status.path("instances"));
        topologies(status.path("topologies"));
        for (JsonNode fault : status.path("config_faults")) {
            String file = fault.path("file").asText();
            String text = fault.path("fault").asText();
            out.print("look at " + file, Style.YELLOW)
                    .line(text.startsWith(file) ? text.substring(file.length()) : ": " + text);
        }
        topics(status.path("topics"));
    }

    private void instances(JsonNode instances) {
        if (instances.size() > 1) {
            Grid grid = new Grid("INSTANCE", "ADDRESS", "ROLES", "");
            for (JsonNode instance : instances) {
                grid.row(
                        instance.path("id").asText(),
                        instance.path("url").asText(),
                        texts(instance.path("roles")),
                        instance.path("answered").asBoolean(true)
                                ? ""
                                : "does not answer: " + instance.path("failure").asText());
            }
            out.line();
            grid.print(out);
        }
    }

    private void topologies(JsonNode topologies) {
        Grid grid = new Grid("TOPOLOGY", "STATE", "GUARANTEE", "THREADS", "LAG", "RESTARTS", "AT");
        for (JsonNode topology : topologies) {
            grid.row(
                    topology.path("name").asText(),
                    topology.path("state").asText(),
                    topology.path("guarantee").asText(),
                    topology.path("threads").asText(),
                    topology.path("lag").asText("?"),
                    topology.path("restarts").asText(),
                    topology.path("url").asText());
        }
        out.line();
        grid.print(out);
        for (JsonNode topology : topologies) {
            String fault =
                    topology.path("fault").asText(topology.path("last_failure").asText(""));
            if (!fault.isEmpty()) {
                out.print("  " + topology.path("name").asText(), Style.YELLOW).line(": " + Screen.oneLine(fault));
            }
        }
    }

    private void topics(JsonNode topics) {
        out.line();
        if (topics.isEmpty()) {
            out.line("There are no topics yet.");
            return;
        }
        Grid grid = new Grid("TOPIC", "STATE", "SEGMENT", "STATE", "PROCESSORS");
        for (JsonNode topic : topics) {
            String name = topic.path("topic").asText();
            String state = topic.path("state").asText();
            if (topic.path("segments").isEmpty()) {
                grid.row(name, state);
            }
            for (JsonNode segment : topic.path("segments")) {
                grid.row(
                        name,
                        state,
                        segment.path("segment").asText(),
                        segment.path("state").asText(),
                        segment.path("processors").asText());
                name = "";
                state = "";
            }
        }
        grid.print(out);
    }

    private static String texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(", "));
    }
}
