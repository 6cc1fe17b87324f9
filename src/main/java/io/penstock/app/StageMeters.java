package io.penstock.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.penstock.stage.ProviderUse;
import io.penstock.stage.StageMetrics;
import io.penstock.stage.StageRuntime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Metrics of the durable stages, and of the providers that their calls go to. */
final class StageMeters {
    private static final List<String> STAGES =
            List.of("capture", "enrichment", "vector-ingestion", "chat-answer", "chat-delivery");

    private final MeterRegistry meters;

    private StageMeters(MeterRegistry meters) {
        this.meters = meters;
    }

    static void bind(MeterRegistry meters, StageRuntime calls) {
        StageMeters stages = new StageMeters(meters);
        STAGES.forEach(stage -> stages.bind(calls.metrics(stage)));
        // Providers become known as they are used.
        calls.onProvider(name -> stages.bind(calls, name));
    }

    private void bind(StageMetrics stage) {
        gauge(stage, "pending", StageMetrics::pending, "Records whose outcome is not forwarded yet");
        gauge(stage, "executing", StageMetrics::executing, "Calls being made");
        gauge(stage, "lane.depth", StageMetrics::deepestLane, "Records in the longest lane");
        gauge(stage, "paused", StageMetrics::pausedTasks, "Tasks that take in no more because they are full");
        TimeGauge.builder(
                        "penstock.stage.oldest.age",
                        stage,
                        TimeUnit.MILLISECONDS,
                        s -> s.oldestAge().toMillis())
                .tag("stage", stage.stage())
                .description("How long the oldest pending record has been pending")
                .register(meters);
        counter(stage, "calls", StageMetrics::calls, "Calls made");
        counter(stage, "succeeded", StageMetrics::succeeded, "Results forwarded");
        counter(stage, "failed", StageMetrics::failed, "Records that failed for good");
        counter(stage, "dropped", StageMetrics::dropped, "Records that their preparation dropped");
        counter(stage, "cancelled", StageMetrics::cancelled, "Records that a fence stopped");
        counter(stage, "retries", StageMetrics::retries, "Failed attempts after which another one was planned");
        counter(stage, "deferrals", StageMetrics::deferrals, "Calls put off because the other side could not be asked");
        counter(stage, "timeouts", StageMetrics::timeouts, "Calls given up at their deadline");
        counter(stage, "reexecuted", StageMetrics::reexecuted, "Calls made again for what a start found pending");
        counter(stage, "dropped.late", StageMetrics::droppedLate, "Ends of calls that nobody waited for any more");
        counter(stage, "overflowed", StageMetrics::overflowed, "Records accepted although the stage was full");
    }

    private void gauge(StageMetrics stage, String name, ToDoubleFunction<StageMetrics> value, String description) {
        Gauge.builder("penstock.stage." + name, stage, value)
                .tag("stage", stage.stage())
                .description(description)
                .register(meters);
    }

    private void counter(StageMetrics stage, String name, ToDoubleFunction<StageMetrics> value, String description) {
        FunctionCounter.builder("penstock.stage." + name, stage, value)
                .tag("stage", stage.stage())
                .description(description)
                .register(meters);
    }

    private void bind(StageRuntime calls, String provider) {
        String tag = provider.isEmpty() ? "unlimited" : provider;
        Gauge.builder("penstock.provider.executing", calls, c -> of(c, provider, ProviderUse::executing))
                .tag("provider", tag)
                .description("Calls at the provider, also those that nobody waits for any more")
                .register(meters);
        Gauge.builder("penstock.provider.waiting", calls, c -> of(c, provider, ProviderUse::waiting))
                .tag("provider", tag)
                .description("Records that wait for room at the provider")
                .register(meters);
        FunctionCounter.builder("penstock.provider.calls", calls, c -> of(c, provider, ProviderUse::calls))
                .tag("provider", tag)
                .description("Calls made to the provider")
                .register(meters);
        FunctionCounter.builder("penstock.provider.retries", calls, c -> of(c, provider, ProviderUse::retries))
                .tag("provider", tag)
                .description("Failed attempts at the provider after which another one was planned")
                .register(meters);
    }

    private static double of(StageRuntime calls, String provider, ToDoubleFunction<ProviderUse> value) {
        return calls.provider(provider).stream().mapToDouble(value).sum();
    }
}
