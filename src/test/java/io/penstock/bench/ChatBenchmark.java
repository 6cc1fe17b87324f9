package io.penstock.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.bench.RoundTripTrials.Trial;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * What the way of a question costs: the packaged application with an answerer that costs nothing, asked over HTTP, in turns with the
 * least that a request and its reply can take over two topics, and with spring-kafka's requests and replies, behind HTTP as well and
 * without. The broker is a process of its own, so that all have the same.
 */
final class ChatBenchmark implements Benchmark {
    private static final int WARM_UP_SEQUENTIAL = 2_000;
    private static final int WARM_UP_AT_ONCE = 20_000;

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public String about() {
        return "questions over HTTP, beside bare Kafka and spring-kafka: [ROUNDS, 7] [REQUESTS one by one, 500]"
                + " [REQUESTS 64 at once, 5000]";
    }

    record Plan(int rounds, int sequential, int atOnce, int warmUpSequential, int warmUpAtOnce) {
        static Plan of(List<String> arguments) {
            Numbers numbers = Numbers.of("chat", arguments, "ROUNDS, and two numbers of REQUESTS", 3);
            return new Plan(
                    numbers.at(0, 7, 99),
                    numbers.at(1, 500, 99_999),
                    numbers.at(2, 5_000, 999_999),
                    WARM_UP_SEQUENTIAL,
                    WARM_UP_AT_ONCE);
        }
    }

    /** What the rounds of one contender found. */
    private record Found(List<Trial> sequential, List<Trial> atOnce) {
        Found() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    @Override
    public Measurement with(List<String> arguments) {
        Plan plan = Plan.of(arguments);
        return (folder, out) -> run(plan, folder, out);
    }

    static ObjectNode run(Plan plan, Path folder, PrintStream out) throws Exception {
        try (MeasuredProcess broker = MeasuredProcess.program(
                BrokerProgram.class,
                folder.resolve("broker.log"),
                folder.resolve("kafka").toString())) {
            String kafka = broker.answer();
            try (RunningPenstock penstock = RunningPenstock.start(
                            folder, Map.of("PENSTOCK_LLM", "echo", "KAFKA_BOOTSTRAP_SERVERS", kafka));
                    EchoTopics topics = new EchoTopics(kafka);
                    RoundTrip ours = new ChatOverHttp("Penstock over HTTP", penstock.address(), penstock.key());
                    RoundTrip bare = new BareRoundTrip(topics);
                    ReplyingTemplate template = new ReplyingTemplate(topics);
                    RoundTrip templateOverHttp = new TemplateOverHttp(template);
                    RoundTripTrials trials = new RoundTripTrials()) {
                return measure(plan, trials, new Contenders(ours, bare, templateOverHttp, template), out);
            }
        }
    }

    private record Contenders(RoundTrip ours, RoundTrip bare, RoundTrip overHttp, RoundTrip direct) {
        List<RoundTrip> all() {
            return List.of(ours, bare, overHttp, direct);
        }

        /** All but the bare one, which asks one by one only. */
        List<RoundTrip> many() {
            return List.of(ours, overHttp, direct);
        }
    }

    private static ObjectNode measure(Plan plan, RoundTripTrials trials, Contenders contenders, PrintStream out)
            throws Exception {
        out.printf(
                "Warming up; then %d rounds of %d requests one by one and %d, %d at once ...%n",
                plan.rounds(), plan.sequential(), plan.atOnce(), RoundTripTrials.AT_ONCE);
        for (RoundTrip contender : contenders.many()) {
            trials.atOnce(contender, plan.warmUpAtOnce());
        }
        for (RoundTrip contender : contenders.all()) {
            trials.sequential(contender, plan.warmUpSequential());
        }
        Map<RoundTrip, Found> found = new LinkedHashMap<>();
        contenders.all().forEach(contender -> found.put(contender, new Found()));
        for (int round = 0; round < plan.rounds(); round++) {
            for (RoundTrip contender : rotated(contenders.all(), round)) {
                found(found, contender).sequential().add(trials.sequential(contender, plan.sequential()));
            }
            for (RoundTrip contender : rotated(contenders.many(), round)) {
                found(found, contender).atOnce().add(trials.atOnce(contender, plan.atOnce()));
            }
            printRound(round, found, out);
        }
        return report(
                plan,
                found(found, contenders.ours()),
                found(found, contenders.bare()),
                found(found, contenders.overHttp()),
                found(found, contenders.direct()),
                out);
    }

    private static Found found(Map<RoundTrip, Found> found, RoundTrip contender) {
        return Objects.requireNonNull(found.get(contender));
    }

    private static List<RoundTrip> rotated(List<RoundTrip> contenders, int by) {
        List<RoundTrip> rotated = new ArrayList<>(contenders);
        Collections.rotate(rotated, by);
        return rotated;
    }

    private static void printRound(int round, Map<RoundTrip, Found> found, PrintStream out) {
        out.printf("round %d:%n", round + 1);
        found.forEach((contender, what) -> out.printf(
                Locale.ROOT,
                "  %-32s one by one %6.2f ms%s%n",
                contender.name(),
                what.sequential().getLast().times().median(),
                what.atOnce().isEmpty()
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", at once %6.0f/s",
                                what.atOnce().getLast().perSecond())));
    }

    private static ObjectNode report(Plan plan, Found ours, Found bare, Found overHttp, Found direct, PrintStream out) {
        ToDoubleFunction<Trial> p50 = trial -> trial.times().median();
        ToDoubleFunction<Trial> p99 = trial -> trial.times().percentile(99);
        Table table = new Table("", "Penstock", "the other", "ratio");
        row(table, "one by one, p50, ms: bare round trip", ours.sequential(), bare.sequential(), p50);
        row(table, "one by one, p99, ms: bare round trip", ours.sequential(), bare.sequential(), p99);
        row(
                table,
                "one by one, p50, ms: ReplyingKafkaTemplate over HTTP",
                ours.sequential(),
                overHttp.sequential(),
                p50);
        row(table, "one by one, p50, ms: ReplyingKafkaTemplate itself", ours.sequential(), direct.sequential(), p50);
        row(table, "64 at once, p50, ms: ReplyingKafkaTemplate over HTTP", ours.atOnce(), overHttp.atOnce(), p50);
        row(table, "64 at once, p99, ms: ReplyingKafkaTemplate over HTTP", ours.atOnce(), overHttp.atOnce(), p99);
        row(table, "64 at once, p99, ms: ReplyingKafkaTemplate itself", ours.atOnce(), direct.atOnce(), p99);
        row(
                table,
                "64 at once, requests/s: ReplyingKafkaTemplate over HTTP",
                ours.atOnce(),
                overHttp.atOnce(),
                Trial::perSecond);
        row(
                table,
                "64 at once, requests/s: ReplyingKafkaTemplate itself",
                ours.atOnce(),
                direct.atOnce(),
                Trial::perSecond);
        out.println();
        table.print(out);
        out.println();
        return JsonNodeFactory.instance
                .objectNode()
                .put("p50_ratio", ratio(ours.sequential(), bare.sequential(), p50))
                .put("p99_ratio", ratio(ours.atOnce(), overHttp.atOnce(), p99))
                .put("throughput_ratio", ratio(ours.atOnce(), overHttp.atOnce(), Trial::perSecond))
                .put("p99_ratio_template_itself", ratio(ours.atOnce(), direct.atOnce(), p99))
                .put("throughput_ratio_template_itself", ratio(ours.atOnce(), direct.atOnce(), Trial::perSecond))
                .put("p50_ms", Numbers.rounded(median(ours.sequential(), p50)))
                .put("p99_at_once_ms", Numbers.rounded(median(ours.atOnce(), p99)))
                .put("per_second", Math.round(median(ours.atOnce(), Trial::perSecond)))
                .put("rounds", plan.rounds());
    }

    private static void row(
            Table table, String what, List<Trial> ours, List<Trial> theirs, ToDoubleFunction<Trial> value) {
        table.row(what, number(median(ours, value)), number(median(theirs, value)), number(ratio(ours, theirs, value)));
    }

    /** The median of the rounds' ratios: what disturbs a round disturbs both. */
    private static double ratio(List<Trial> ours, List<Trial> theirs, ToDoubleFunction<Trial> value) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(value.applyAsDouble(ours.get(i)) / value.applyAsDouble(theirs.get(i)));
        }
        return Numbers.rounded(Samples.of(ratios).median());
    }

    private static double median(List<Trial> trials, ToDoubleFunction<Trial> value) {
        return Samples.of(trials.stream().map(value::applyAsDouble).toList()).median();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
    }
}
