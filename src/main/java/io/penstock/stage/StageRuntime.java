package io.penstock.stage;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What the stages of a process share: where calls run, the time, the limits of providers, and the numbers. Make one for the
 * process.
 *
 * <p>When the process ends, close it before the {@code KafkaStreams} that use it: this interrupts their calls, so that nobody
 * waits for them. From then on the stages start no call and forward nothing, and what is pending stays pending, with no attempt
 * counted for the calls that were cut off. They still accept records, which become pending, so the {@code KafkaStreams} should be
 * closed soon. A runtime is not opened again: a stage that is started later on one that was closed does nothing.
 *
 * <p><b>Threading.</b> May be used from any thread.
 */
public final class StageRuntime implements AutoCloseable {
    private final CallExecutor executor;
    private final StageClock clock;
    private final ConcurrentMap<String, ProviderLimiter> limiters = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, StageMetrics> metrics = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** Virtual threads and the time of this machine. */
    public StageRuntime() {
        this(CallExecutor.virtualThreads(), StageClock.system());
    }

    public StageRuntime(CallExecutor executor, StageClock clock) {
        this.executor = executor;
        this.clock = clock;
    }

    /** The numbers of the stage of that name; they may be asked for before the stage starts. */
    public StageMetrics metrics(String stage) {
        return metrics.computeIfAbsent(stage, name -> new StageMetrics(name, clock));
    }

    /** The numbers of all stages. */
    public Collection<StageMetrics> metrics() {
        return List.copyOf(metrics.values());
    }

    /** Every provider that calls were prepared for, with the limits that hold now. */
    public List<ProviderUse> providers() {
        return limiters.values().stream().map(ProviderLimiter::use).toList();
    }

    /** Interrupts all calls. Their records stay pending and are called again at the next start. */
    @Override
    public void close() {
        closed = true;
        executor.close();
    }

    boolean isClosed() {
        return closed;
    }

    CallExecutor executor() {
        return executor;
    }

    StageClock clock() {
        return clock;
    }

    /** The limiter of that provider's name, which takes over the limits. */
    ProviderLimiter limiter(Provider provider) {
        ProviderLimiter limiter = limiters.computeIfAbsent(provider.name(), _ -> new ProviderLimiter(provider));
        limiter.adopt(provider);
        return limiter;
    }
}
