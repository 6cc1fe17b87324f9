package io.penstock.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.bench.RoundTripTrials.Trial;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;

/** The chat over HTTP and those that it is measured by ask in turns, round by round. Used by one thread. */
final class ChatContest {
    private final ChatBenchmark.Plan plan;
    private final RoundTripTrials trials;
    private final Contenders contenders;
    private final WarmUp.Compilers compilers;
    private final ProcessorTime.Clock processors;
    private final PrintStream out;
    private final Map<RoundTrip, Found> found = new LinkedHashMap<>();

    /**
     * Who takes part.
     *
     * @param http the application's HTTP without the chat
     * @param bare the least over two topics
     * @param same spring-kafka as it is most likely used, with keys, checks and remembered turns as the application has them
     * @param overSpring the same without any of these
     * @param overHttp spring-kafka behind the leanest HTTP server
     * @param direct spring-kafka without HTTP
     */
    record Contenders(
            RoundTrip ours,
            RoundTrip http,
            RoundTrip bare,
            RoundTrip same,
            RoundTrip overSpring,
            RoundTrip overHttp,
            RoundTrip direct) {
        List<RoundTrip> all() {
            return List.of(ours, http, bare, same, overSpring, overHttp, direct);
        }

        /** Those that are asked many questions at once, too. */
        List<RoundTrip> many() {
            return List.of(ours, same, overSpring, overHttp, direct);
        }
    }

    /** What the rounds of one contender found. */
    private record Found(List<Trial> sequential, List<Trial> atOnce, List<ProcessorTime> busy) {
        Found() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    ChatContest(
            ChatBenchmark.Plan plan,
            RoundTripTrials trials,
            Contenders contenders,
            WarmUp.Compilers compilers,
            ProcessorTime.Clock processors,
            PrintStream out) {
        this.plan = plan;
        this.trials = trials;
        this.contenders = contenders;
        this.compilers = compilers;
        this.processors = processors;
        this.out = out;
    }

    ObjectNode run() throws Exception {
        if (plan.warm()) {
            warmUp();
        }
        out.printf(
                "%d rounds of %d requests one by one and %d, %d at once ...%n",
                plan.rounds(), plan.sequential(), plan.atOnce(), RoundTripTrials.AT_ONCE);
        begin();
        for (int round = 1; round <= plan.rounds(); round++) {
            long begin = System.nanoTime();
            Duration before = compilers.atWork();
            round(round);
            double cores = compilers.atWork().minus(before).toNanos() / (double) (System.nanoTime() - begin);
            printRound(round, cores);
        }
        return report();
    }

    /** Rounds that do not count, in which all take part, so that nobody is colder than the others. */
    private void warmUp() throws Exception {
        out.println("Warming up ...");
        begin();
        AtomicInteger next = new AtomicInteger();
        out.printf("warm after %d rounds%n", WarmUp.untilRest(compilers, () -> round(next.getAndIncrement())));
    }

    private void begin() {
        contenders.all().forEach(contender -> found.put(contender, new Found()));
    }

    /** Who goes first changes with each round. */
    private void round(int round) throws Exception {
        for (RoundTrip contender : rotated(contenders.all(), round)) {
            found(contender).sequential().add(trials.sequential(contender, plan.sequential()));
        }
        for (RoundTrip contender : rotated(contenders.many(), round)) {
            ProcessorTime before = processors.now();
            found(contender).atOnce().add(trials.atOnce(contender, plan.atOnce()));
            found(contender).busy().add(processors.now().since(before));
        }
    }

    private Found found(RoundTrip contender) {
        return Objects.requireNonNull(found.get(contender));
    }

    private static List<RoundTrip> rotated(List<RoundTrip> contenders, int by) {
        List<RoundTrip> rotated = new ArrayList<>(contenders);
        Collections.rotate(rotated, by);
        return rotated;
    }

    private void printRound(int round, double compilerCores) {
        out.printf(Locale.ROOT, "round %d (compilers at work: %.2f cores):%n", round, compilerCores);
        found.forEach((contender, what) -> out.printf(
                Locale.ROOT,
                "  %-37s one by one %6.2f ms%s%n",
                contender.name(),
                what.sequential().getLast().times().median(),
                what.atOnce().isEmpty()
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", at once %6.0f/s; each took %s",
                                what.atOnce().getLast().perSecond(),
                                what.busy().getLast().each(plan.atOnce()))));
    }

    private ObjectNode report() {
        Found ours = found(contenders.ours());
        Found http = found(contenders.http());
        Found bare = found(contenders.bare());
        Map<String, Found> templates = new LinkedHashMap<>();
        templates.put("the same over Spring MVC", found(contenders.same()));
        templates.put("ReplyingKafkaTemplate over Spring MVC", found(contenders.overSpring()));
        templates.put("ReplyingKafkaTemplate over lean HTTP", found(contenders.overHttp()));
        templates.put("ReplyingKafkaTemplate itself", found(contenders.direct()));
        ToDoubleFunction<Trial> p50 = trial -> trial.times().median();
        ToDoubleFunction<Trial> p99 = trial -> trial.times().percentile(99);
        List<Trial> least = sum(http.sequential(), bare.sequential());
        Table table = new Table("", "Penstock", "the other", "ratio");
        row(table, "one by one, p50, ms: bare round trip", ours.sequential(), bare.sequential(), p50);
        row(table, "one by one, p99, ms: bare round trip", ours.sequential(), bare.sequential(), p99);
        row(table, "one by one, p50, ms: its HTTP alone", ours.sequential(), http.sequential(), p50);
        row(table, "one by one, p50, ms: its HTTP alone and a bare round trip", ours.sequential(), least, p50);
        templates.forEach((name, template) ->
                row(table, "one by one, p50, ms: " + name, ours.sequential(), template.sequential(), p50));
        templates.forEach(
                (name, template) -> row(table, "64 at once, p50, ms: " + name, ours.atOnce(), template.atOnce(), p50));
        templates.forEach(
                (name, template) -> row(table, "64 at once, p99, ms: " + name, ours.atOnce(), template.atOnce(), p99));
        templates.forEach((name, template) ->
                row(table, "64 at once, requests/s: " + name, ours.atOnce(), template.atOnce(), Trial::perSecond));
        out.println();
        table.print(out);
        out.println();
        ObjectNode figures = JsonNodeFactory.instance
                .objectNode()
                .put("p50_ratio", ratio(ours.sequential(), bare.sequential(), p50))
                .put("p50_ratio_http_and_bare", ratio(ours.sequential(), least, p50))
                .put("p50_ms", Numbers.rounded(median(ours.sequential(), p50)))
                .put("bare_p50_ms", Numbers.rounded(median(bare.sequential(), p50)))
                .put("http_p50_ms", Numbers.rounded(median(http.sequential(), p50)))
                .put("p99_at_once_ms", Numbers.rounded(median(ours.atOnce(), p99)))
                .put("per_second", Math.round(median(ours.atOnce(), Trial::perSecond)));
        beside(figures, "same", ours, found(contenders.same()));
        beside(figures, "spring", ours, found(contenders.overSpring()));
        beside(figures, "lean", ours, found(contenders.overHttp()));
        beside(figures, "itself", ours, found(contenders.direct()));
        return figures;
    }

    private static void beside(ObjectNode figures, String name, Found ours, Found template) {
        figures.put(
                        "p99_ratio_" + name,
                        ratio(
                                ours.atOnce(),
                                template.atOnce(),
                                trial -> trial.times().percentile(99)))
                .put("throughput_ratio_" + name, ratio(ours.atOnce(), template.atOnce(), Trial::perSecond));
    }

    /** What one after the other takes, of the medians of each round. */
    private static List<Trial> sum(List<Trial> some, List<Trial> others) {
        List<Trial> sums = new ArrayList<>();
        for (int i = 0; i < some.size(); i++) {
            double sum = some.get(i).times().median() + others.get(i).times().median();
            sums.add(new Trial(new Samples(sum), 1e3 / sum));
        }
        return sums;
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
