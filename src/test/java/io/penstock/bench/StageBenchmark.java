package io.penstock.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.topology.Guarantee;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The durable asynchronous stage against the same topology blocking, and against what so many calls at once can reach at all: a
 * backlog in one partition for the throughput, one record each second for the time that it adds to a call.
 */
final class StageBenchmark implements Benchmark {
    private static final int WARM_UP = 8_000;
    private static final int BLOCKING_CALLS = 100;

    @Override
    public String name() {
        return "stage";
    }

    @Override
    public String about() {
        return "the asynchronous stage, blocking, and the ceiling: [CALLS, 20000] [ROUNDS, 5] [SECONDS of one record each, 40]";
    }

    private record Plan(int calls, int rounds, int seconds) {
        static Plan of(List<String> arguments) {
            Numbers numbers = Numbers.of("stage", arguments, "CALLS, ROUNDS and SECONDS", 3);
            return new Plan(numbers.at(0, 20_000, 999_999), numbers.at(1, 5, 99), numbers.at(2, 40, 999));
        }
    }

    @Override
    public Measurement with(List<String> arguments) {
        Plan plan = Plan.of(arguments);
        return (folder, out) -> run(plan, folder, out);
    }

    private static ObjectNode run(Plan plan, Path folder, PrintStream out) throws Exception {
        try (MeasuredProcess broker = MeasuredProcess.program(
                        BrokerProgram.class,
                        folder.resolve("broker.log"),
                        folder.resolve("kafka").toString());
                StageTrials trials = new StageTrials(broker.answer(), folder.resolve("streams"))) {
            out.printf(
                    "%d calls of %d ms, %d at once, %d bytes each, one partition; %d rounds ...%n",
                    plan.calls(), StageTrials.CALL.toMillis(), StageTrials.AT_ONCE, StageTrials.BYTES, plan.rounds());
            List<StageTrials.Compared> throughput = throughput(plan, trials, out);
            out.println("One record each second, for " + plan.seconds() + " s ...");
            return report(out, plan, throughput, trials.latency(plan.seconds()));
        }
    }

    private static List<StageTrials.Compared> throughput(Plan plan, StageTrials trials, PrintStream out)
            throws Exception {
        List<Rates> rates = StageTrials.GUARANTEES.stream()
                .map(guarantee -> new Rates(guarantee, new ArrayList<>(), new ArrayList<>()))
                .toList();
        for (Rates rate : rates) {
            trials.perSecond(StageTrials.Kind.STAGE, rate.guarantee(), WARM_UP);
        }
        for (int round = 0; round < plan.rounds(); round++) {
            for (Rates rate : rates) {
                rate.stage().add(trials.perSecond(StageTrials.Kind.STAGE, rate.guarantee(), plan.calls()));
                rate.blocking().add(trials.perSecond(StageTrials.Kind.BLOCKING, rate.guarantee(), BLOCKING_CALLS));
                out.printf(
                        Locale.ROOT,
                        "round %d, %s: %.0f, blocking %.1f calls/s%n",
                        round + 1,
                        rate.guarantee().text(),
                        rate.stage().getLast(),
                        rate.blocking().getLast());
            }
        }
        return rates.stream()
                .map(rate -> new StageTrials.Compared(
                        rate.guarantee(), Samples.of(rate.stage()), Samples.of(rate.blocking())))
                .toList();
    }

    private record Rates(Guarantee guarantee, List<Double> stage, List<Double> blocking) {}

    private static ObjectNode report(
            PrintStream out, Plan plan, List<StageTrials.Compared> throughput, List<StageTrials.Compared> added) {
        ObjectNode figures = JsonNodeFactory.instance.objectNode();
        figures.put("calls", plan.calls()).put("rounds", plan.rounds());
        Table table = new Table("", "stage", "blocking", "ceiling", "stage/ceiling", "stage/blocking");
        for (StageTrials.Compared rates : throughput) {
            double ours = rates.stage().median();
            double theirs = rates.blocking().median();
            table.row(
                    rates.guarantee().text() + ", calls/s (median)",
                    number(ours),
                    number(theirs),
                    number(StageTrials.CEILING),
                    number(ours / StageTrials.CEILING),
                    number(ours / theirs));
            figures.put("ratio_" + shortName(rates.guarantee()), Numbers.rounded(ours / StageTrials.CEILING));
            figures.put("ratio_blocking_" + shortName(rates.guarantee()), Numbers.rounded(ours / theirs));
        }
        for (StageTrials.Compared times : added) {
            row(table, times, 50);
            row(table, times, 95);
            figures.put(
                    "added_ms_" + shortName(times.guarantee()),
                    Numbers.rounded(times.stage().median()));
            figures.put(
                    "added_ms_blocking_" + shortName(times.guarantee()),
                    Numbers.rounded(times.blocking().median()));
        }
        out.println();
        table.print(out);
        out.println();
        out.println("Added: from sending a record to reading its committed result, less the call itself.");
        return figures;
    }

    private static void row(Table table, StageTrials.Compared times, int percent) {
        table.row(
                times.guarantee().text() + ", added to the call, p" + percent + ", ms",
                number(times.stage().percentile(percent)),
                number(times.blocking().percentile(percent)),
                "",
                "",
                "");
    }

    private static String shortName(Guarantee guarantee) {
        return guarantee == Guarantee.EXACTLY_ONCE_V2 ? "eos" : "alos";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
    }
}
