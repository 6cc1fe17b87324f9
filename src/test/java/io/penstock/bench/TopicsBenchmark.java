package io.penstock.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * What a topic costs: the time until it can be used, and what its enrichment takes of the machine while nothing is collected. A
 * bare {@code KafkaStreams} instance for each topic, in a process of its own, is created in turns with it, on the same broker.
 */
final class TopicsBenchmark implements Benchmark {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TOPIC_PATIENCE = Duration.ofMinutes(1);

    @Override
    public String name() {
        return "topics";
    }

    @Override
    public String about() {
        return "time to create topics, and what they cost idle: [COUNT, 50] [SECONDS to watch, 30]";
    }

    /** @param seconds that idle processes are watched for */
    private record Plan(int count, int seconds) {
        static Plan of(List<String> arguments) {
            Numbers numbers = Numbers.of("topics", arguments, "COUNT and SECONDS", 2);
            return new Plan(numbers.at(0, 50, 999), numbers.at(1, 30, 999));
        }
    }

    /**
     * What a process uses while it is idle.
     *
     * @param cores share of one core
     */
    private record Idle(double residentMib, int threads, double cores) {
        /** What each of so many topics has added. */
        Each since(Idle before, int topics) {
            return new Each(
                    (residentMib - before.residentMib) / topics,
                    (threads - before.threads) / (double) topics,
                    (cores - before.cores) / topics);
        }
    }

    private record Each(double residentMib, double threads, double cores) {}

    private record Creation(Samples answered, Samples working, Samples bare) {}

    @Override
    public Measurement with(List<String> arguments) {
        Plan plan = Plan.of(arguments);
        return (folder, out) -> run(plan, folder, out);
    }

    private ObjectNode run(Plan plan, Path folder, PrintStream out) throws Exception {
        try (MeasuredProcess broker = MeasuredProcess.program(
                BrokerProgram.class,
                folder.resolve("broker.log"),
                folder.resolve("kafka").toString())) {
            String kafka = broker.answer();
            PenstockClient client = new PenstockClient(folder);
            try (MeasuredProcess penstock =
                            MeasuredProcess.application(environment(folder, kafka, plan), client.log());
                    MeasuredProcess bare = MeasuredProcess.program(
                            BareStreamsProgram.class,
                            folder.resolve("bare.log"),
                            kafka,
                            folder.resolve("bare").toString())) {
                client.awaitReady(penstock);
                bare.answer();
                return measure(plan, client, out, broker, penstock, bare);
            }
        }
    }

    private static Map<String, String> environment(Path folder, String kafka, Plan plan) throws IOException {
        return Map.of(
                "PENSTOCK_PORT", "0",
                "PENSTOCK_DATA", folder.resolve("data").toString(),
                "PENSTOCK_CONFIG",
                        Files.createDirectories(folder.resolve("config")).toString(),
                "PENSTOCK_TOPOLOGIES", Path.of("topologies").toAbsolutePath().toString(),
                "PENSTOCK_MAX_TOPICS", Integer.toString(plan.count()),
                "KAFKA_BOOTSTRAP_SERVERS", kafka);
    }

    private ObjectNode measure(
            Plan plan,
            PenstockClient client,
            PrintStream out,
            MeasuredProcess broker,
            MeasuredProcess penstock,
            MeasuredProcess bare)
            throws Exception {
        out.println("Idle before any topic, for " + plan.seconds() + " s ...");
        List<MeasuredProcess> processes = List.of(penstock, bare, broker);
        List<Idle> before = idle(processes, plan.seconds());
        out.println("Creating " + plan.count() + " topics, in turns with as many bare instances ...");
        Creation creation = create(plan, client, bare);
        out.println("Idle with them, for " + plan.seconds() + " s ...");
        List<Idle> after = idle(processes, plan.seconds());
        Each ours = after.get(0).since(before.get(0), plan.count());
        Each theirs = after.get(1).since(before.get(1), plan.count());
        // Both kinds have their Kafka topics on the one broker.
        Each brokers = after.get(2).since(before.get(2), 2 * plan.count());
        print(out, creation, before, after, ours, theirs, brokers);
        return figures(plan, creation, ours, theirs, brokers);
    }

    private Creation create(Plan plan, PenstockClient client, MeasuredProcess bare) throws Exception {
        double[] answered = new double[plan.count()];
        double[] working = new double[plan.count()];
        double[] bareMs = new double[plan.count()];
        for (int i = 0; i < plan.count(); i++) {
            String topic = String.format(Locale.ROOT, "bench-%03d", i);
            boolean bareFirst = i % 2 == 1;
            if (bareFirst) {
                bareMs[i] = Double.parseDouble(bare.ask(topic));
            }
            long begin = System.nanoTime();
            HttpResponse<String> response =
                    client.send("/api/topic", "{\"topic\":\"" + topic + "\",\"topic_action\":\"create\"}");
            answered[i] = millisSince(begin);
            if (response.statusCode() != 201) {
                throw new IllegalStateException(response.statusCode() + ": " + response.body());
            }
            awaitWorking(client, topic);
            working[i] = millisSince(begin);
            if (!bareFirst) {
                bareMs[i] = Double.parseDouble(bare.ask(topic));
            }
        }
        return new Creation(new Samples(answered), new Samples(working), new Samples(bareMs));
    }

    private static double millisSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    /** Lets the processes settle, as compilers and caches are at work after each change, and watches them for as long then. */
    private static List<Idle> idle(List<MeasuredProcess> processes, int seconds) throws Exception {
        TimeUnit.SECONDS.sleep(seconds);
        long begin = System.nanoTime();
        List<Duration> cpuBefore = processes.stream().map(MeasuredProcess::cpu).toList();
        TimeUnit.SECONDS.sleep(seconds);
        List<Duration> cpuAfter = processes.stream().map(MeasuredProcess::cpu).toList();
        double watched = millisSince(begin);
        List<Idle> idle = new java.util.ArrayList<>();
        for (int i = 0; i < processes.size(); i++) {
            MeasuredProcess process = processes.get(i);
            double cores = cpuAfter.get(i).minus(cpuBefore.get(i)).toNanos() / 1e6 / watched;
            idle.add(new Idle(process.residentMib(), process.threads(), cores));
        }
        return idle;
    }

    private void awaitWorking(PenstockClient client, String topic) {
        Awaitility.await("the enrichment of " + topic + " works")
                .atMost(TOPIC_PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    JsonNode answer =
                            JSON.readTree(client.send("/api/topologies", null).body());
                    for (JsonNode topology : answer.path("topologies")) {
                        if (topology.path("name").asText().startsWith("enrichment/" + topic + "/")) {
                            return topology.path("ready").asBoolean();
                        }
                    }
                    return false;
                });
    }

    private static void print(
            PrintStream out,
            Creation creation,
            List<Idle> before,
            List<Idle> after,
            Each ours,
            Each theirs,
            Each brokers) {
        out.println();
        Table table = new Table("", "Penstock", "bare Streams", "ratio", "broker");
        row(
                table,
                "create: median, ms",
                creation.working().median(),
                creation.bare().median());
        row(
                table,
                "create: 95 of 100 within, ms",
                creation.working().percentile(95),
                creation.bare().percentile(95));
        row(
                table,
                "create: longest, ms",
                creation.working().max(),
                creation.bare().max());
        row(
                table,
                "create: first, ms",
                creation.working().first(),
                creation.bare().first());
        table.row(
                "create: call answered, median, ms", number(creation.answered().median()), "", "", "");
        table.row(
                "idle before: memory, MiB",
                number(before.get(0).residentMib()),
                number(before.get(1).residentMib()),
                "",
                number(before.get(2).residentMib()));
        table.row(
                "idle before: threads",
                Integer.toString(before.get(0).threads()),
                Integer.toString(before.get(1).threads()),
                "",
                Integer.toString(before.get(2).threads()));
        table.row(
                "idle before: % of a core",
                number(before.get(0).cores() * 100),
                number(before.get(1).cores() * 100),
                "",
                number(before.get(2).cores() * 100));
        table.row(
                "idle with all: memory, MiB",
                number(after.get(0).residentMib()),
                number(after.get(1).residentMib()),
                "",
                number(after.get(2).residentMib()));
        table.row(
                "idle with all: % of a core",
                number(after.get(0).cores() * 100),
                number(after.get(1).cores() * 100),
                "",
                number(after.get(2).cores() * 100));
        row(table, "each topic: memory, MiB", ours.residentMib(), theirs.residentMib(), brokers.residentMib());
        row(table, "each topic: threads", ours.threads(), theirs.threads(), brokers.threads());
        row(table, "each topic: % of a core", ours.cores() * 100, theirs.cores() * 100, brokers.cores() * 100);
        table.print(out);
        out.println();
    }

    private static void row(Table table, String name, double ours, double theirs) {
        table.row(name, number(ours), number(theirs), number(ours / theirs), "");
    }

    private static void row(Table table, String name, double ours, double theirs, double brokers) {
        table.row(name, number(ours), number(theirs), number(ours / theirs), number(brokers));
    }

    private static String number(double value) {
        return String.format(
                Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 1 ? "%.1f" : "%.3f", value);
    }

    private static ObjectNode figures(Plan plan, Creation creation, Each ours, Each theirs, Each brokers) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("topics", plan.count())
                .put("create_ms", Numbers.rounded(creation.working().median()))
                .put("create_p95_ms", Numbers.rounded(creation.working().percentile(95)))
                .put("create_max_ms", Numbers.rounded(creation.working().max()))
                .put("create_first_ms", Numbers.rounded(creation.working().first()))
                .put("answer_ms", Numbers.rounded(creation.answered().median()))
                .put("rss_mib_each", Numbers.rounded(ours.residentMib()))
                .put("threads_each", Numbers.rounded(ours.threads()))
                .put("cpu_each", Numbers.rounded(ours.cores()))
                .put("bare_create_ms", Numbers.rounded(creation.bare().median()))
                .put("bare_rss_mib_each", Numbers.rounded(theirs.residentMib()))
                .put("bare_threads_each", Numbers.rounded(theirs.threads()))
                .put("bare_cpu_each", Numbers.rounded(theirs.cores()))
                .put("broker_rss_mib_each", Numbers.rounded(brokers.residentMib()))
                .put("broker_cpu_each", Numbers.rounded(brokers.cores()));
    }
}
