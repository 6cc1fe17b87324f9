package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./penstock search}: the passages that fit words best. */
@Command(
        name = "./penstock search",
        sortOptions = false,
        description = "Finds passages.",
        footer = {"", "Ends with 0 when something was found and with 3 when nothing was; docs/cli.md has all codes."})
final class SearchCommand implements Task {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String INDENT = "    ";

    @Parameters(arity = "1..*", paramLabel = "WORDS", description = "What to search for.")
    private List<String> words = new ArrayList<>();

    @Mixin
    private ScopeOptions scope = new ScopeOptions();

    @Option(names = "--mode", paramLabel = "MODE", description = "hybrid, dense or lexical.")
    private @Nullable String mode;

    @Option(names = "--processor", paramLabel = "ID", description = "Only what this processor captured.")
    private @Nullable String processor;

    @Option(names = "--item", paramLabel = "ITEM", description = "Only this item.")
    private @Nullable String item;

    @Option(names = "--label", paramLabel = "LABEL", description = "Only what bears this label.")
    private @Nullable String label;

    @Option(names = "--from", paramLabel = "MOMENT", description = "Only what was captured from then on.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "MOMENT", description = "Only what was captured before then.")
    private @Nullable String to;

    @Option(names = "--run", paramLabel = "ID", description = "Wait until all of this run can be found.")
    private @Nullable String run;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Override
    public ConnectionOptions connection() {
        return connection;
    }

    @Override
    public ExitCode run(Surroundings here) {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        parameters.put("q", String.join(" ", words));
        parameters.put("topic", scope.topic());
        parameters.put("segment", scope.segment());
        parameters.put("k", scope.passages());
        parameters.put("mode", mode);
        parameters.put("processor", processor);
        parameters.put("item", item);
        parameters.put("label", label);
        parameters.put("from", from);
        parameters.put("to", to);
        parameters.put("run", run);
        JsonNode found = new Calls(connection.address(here), connection.deadline(here.time(), PATIENCE))
                .get(Calls.path("/api/search", parameters));
        if (connection.json()) {
            here.out().line(Json.line(found));
        } else {
            print(found, here);
        }
        return found.path("hits").isEmpty() ? ExitCode.NEGATIVE : ExitCode.DONE;
    }

    private static void print(JsonNode found, Surroundings here) {
        int place = 1;
        for (JsonNode hit : found.path("hits")) {
            here.out()
                    .print(place + ".", Style.CYAN)
                    .print(" " + TextAnswer.title(hit), Style.BOLD)
                    .print("  " + TextAnswer.place(hit), Style.DIM)
                    .print(
                            String.format(
                                    Locale.ROOT, "  %.3f", hit.path("score").asDouble()),
                            Style.DIM)
                    .line();
            Wrapping text = new Wrapping(here.out(), INDENT);
            text.append(Screen.oneLine(hit.path("text").asText()));
            text.end();
            here.out().line();
            place++;
        }
        here.out().flush();
        if (place == 1) {
            here.remark("nothing was found");
        }
        int asked = found.at("/shards/asked").asInt();
        int answered = found.at("/shards/answered").asInt();
        if (answered < asked) {
            here.remark("only " + answered + " of " + asked + " parts of the index answered; others may hold more");
        }
    }
}
