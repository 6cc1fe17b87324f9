package io.penstock.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * How close a collection comes to the least time that its requests can take: so many items, a server that takes 200 ms for each
 * answer, 50 requests at once. In turns with it the JDK's client asks for the same in a bare loop of virtual threads. Both times are
 * taken by the server, from the first request to the last response, and each round's content is new to Penstock.
 */
final class CaptureBenchmark implements Benchmark {
    private static final Duration CALL = Duration.ofMillis(200);
    private static final int AT_ONCE = 50;
    private static final String TOPIC = "harbour";
    private static final String SEGMENT = "notices";

    @Override
    public String name() {
        return "capture";
    }

    @Override
    public String about() {
        return "a collection from a server that takes 200 ms, 50 at once, beside a bare loop: [ROUNDS, 7] [ITEMS, 600]";
    }

    record Plan(int rounds, int items, int warmUps) {
        static Plan of(List<String> arguments) {
            Numbers numbers = Numbers.of("capture", arguments, "ROUNDS and ITEMS", 2);
            return new Plan(numbers.at(0, 7, 99), numbers.at(1, 600, 9_999), 2);
        }

        double idealSeconds() {
            return Math.ceil(items / (double) AT_ONCE) * CALL.toNanos() / 1e9;
        }
    }

    @Override
    public Measurement with(List<String> arguments) {
        Plan plan = Plan.of(arguments);
        return (folder, out) -> run(plan, folder, out);
    }

    static ObjectNode run(Plan plan, Path folder, PrintStream out) throws Exception {
        try (PatientServer server = new PatientServer(CALL);
                RunningPenstock penstock =
                        RunningPenstock.start(folder, Map.of("PENSTOCK_CAPTURE_HOSTS", server.authority()))) {
            return measure(penstock, server, plan, out);
        }
    }

    static PatientServer server() throws Exception {
        return new PatientServer(CALL);
    }

    /** @param penstock which may reach the server */
    static ObjectNode measure(RunningPenstock penstock, PatientServer server, Plan plan, PrintStream out)
            throws Exception {
        try (BareCapture bare = new BareCapture(server.authority(), plan.items())) {
            prepare(penstock, server, plan.items());
            List<Double> ours = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            double first = 0;
            for (int round = 1 - plan.warmUps(); round <= plan.rounds(); round++) {
                double collected = collected(penstock, server, plan.items());
                double looped = looped(bare, server, plan.items());
                out.printf(
                        Locale.ROOT,
                        "%s: %.2f s, bare loop %.2f s%n",
                        round < 1 ? "Warming up" : "Round " + round + " of " + plan.rounds(),
                        collected,
                        looped);
                first = first == 0 ? collected : first;
                if (round >= 1) {
                    ours.add(collected);
                    theirs.add(looped);
                }
            }
            return report(plan, Samples.of(ours), Samples.of(theirs), first, out);
        }
    }

    private static void prepare(RunningPenstock penstock, PatientServer server, int items) throws Exception {
        penstock.create(TOPIC, List.of(SEGMENT));
        ObjectNode processor = RunningPenstock.JSON
                .createObjectNode()
                .put("topic", TOPIC)
                .put("segment", SEGMENT)
                .put("batch_size", AT_ONCE)
                .put("api_rate_limit", 0);
        processor.putObject("source").put("type", "http").put("uri", "http://" + server.authority() + "/{value}");
        ArrayNode list = processor.putArray("data_list");
        for (int item = 0; item < items; item++) {
            list.add("item-" + item);
        }
        penstock.putProcessor(SEGMENT, processor);
    }

    private static double collected(RunningPenstock penstock, PatientServer server, int items) throws Exception {
        PatientServer.Trial trial = server.begin();
        JsonNode run = penstock.collected(TOPIC, List.of(SEGMENT));
        if (!run.path("state").asText().equals("DONE")
                || run.at("/counts/captured").asInt() != items) {
            throw new IOException("The collection did not end well: " + run);
        }
        return checked(trial, items);
    }

    private static double looped(BareCapture bare, PatientServer server, int items) throws Exception {
        PatientServer.Trial trial = server.begin();
        bare.run();
        return checked(trial, items);
    }

    private static double checked(PatientServer.Trial trial, int items) throws IOException {
        if (trial.answered() != items || trial.mostAtOnce() > AT_ONCE) {
            throw new IOException("The server answered " + trial.answered() + " times for " + items + " items, at most "
                    + trial.mostAtOnce() + " at once");
        }
        return trial.seconds();
    }

    private static ObjectNode report(Plan plan, Samples ours, Samples theirs, double first, PrintStream out) {
        double ideal = plan.idealSeconds();
        out.println();
        Table table = new Table(
                plan.items() + " items, " + AT_ONCE + " at once, " + CALL.toMillis() + " ms each",
                "seconds",
                "of the ideal");
        row(table, "ideal", ideal, ideal);
        row(table, "Penstock, median", ours.median(), ideal);
        row(table, "Penstock, worst", ours.max(), ideal);
        row(table, "Penstock, first collection after its start", first, ideal);
        row(table, "bare loop, median", theirs.median(), ideal);
        row(table, "bare loop, worst", theirs.max(), ideal);
        table.print(out);
        out.println();
        return RunningPenstock.JSON
                .createObjectNode()
                .put("items", plan.items())
                .put("rounds", plan.rounds())
                .put("ratio_ideal", Numbers.rounded(ours.median() / ideal))
                .put("ratio_ideal_worst", Numbers.rounded(ours.max() / ideal))
                .put("ratio_ideal_first", Numbers.rounded(first / ideal))
                .put("ratio_ideal_bare", Numbers.rounded(theirs.median() / ideal))
                .put("ratio_bare", Numbers.rounded(ours.median() / theirs.median()))
                .put("seconds", Numbers.rounded(ours.median()));
    }

    private static void row(Table table, String name, double seconds, double ideal) {
        table.row(
                name, String.format(Locale.ROOT, "%.3f", seconds), String.format(Locale.ROOT, "%.3f", seconds / ideal));
    }

    /** The JDK's client on virtual threads, as many at once, and nothing else. */
    private static final class BareCapture implements AutoCloseable {
        private final HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String authority;
        private final int items;

        BareCapture(String authority, int items) {
            this.authority = authority;
            this.items = items;
        }

        void run() throws Exception {
            Semaphore places = new Semaphore(AT_ONCE);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<byte[]>> answers = new ArrayList<>();
                for (int item = 0; item < items; item++) {
                    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + authority + "/item-" + item))
                            .build();
                    answers.add(threads.submit(() -> {
                        places.acquire();
                        try {
                            return client.send(request, HttpResponse.BodyHandlers.ofByteArray())
                                    .body();
                        } finally {
                            places.release();
                        }
                    }));
                }
                for (Future<byte[]> answer : answers) {
                    if (answer.get().length == 0) {
                        throw new IOException("an empty answer");
                    }
                }
            }
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
