package io.penstock.stage;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.jspecify.annotations.Nullable;

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
    private final StageClients clients = new StageClients();
    private final @Nullable Intake intake;
    private final ConcurrentMap<String, ProviderLimiter> stages = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, ProviderLimiter> limiters = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, StageMetrics> metrics = new ConcurrentHashMap<>();
    private final List<Consumer<String>> onProvider = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /** Virtual threads and the time of this machine. */
    public StageRuntime() {
        this(CallExecutor.virtualThreads(), StageClock.system());
    }

    public StageRuntime(CallExecutor executor, StageClock clock) {
        this(executor, clock, null);
    }

    /** @param intake what every StreamThread reads from; null finds out through {@link #clients()} */
    StageRuntime(CallExecutor executor, StageClock clock, @Nullable Intake intake) {
        this.executor = executor;
        this.clock = clock;
        this.intake = intake;
    }

    /**
     * The clients that {@code KafkaStreams} with stages of this runtime should be given: with them a call that ends wakes its
     * StreamThread up, and a stage that is full pauses the fetching of more. Without them the stages work as well, but look for what
     * ended at their ticks only, and hold their StreamThread back while they are full. For the classic group protocol.
     */
    public KafkaClientSupplier clients() {
        return clients;
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

    /** The provider of that name, once calls were prepared for it. */
    public Optional<ProviderUse> provider(String name) {
        return Optional.ofNullable(limiters.get(name)).map(ProviderLimiter::use);
    }

    /**
     * For a call that asks its provider more than once: takes the next start of that provider, as if it were another call.
     *
     * @return how long the call has to wait until then
     */
    public Duration furtherStart(String provider) {
        ProviderLimiter limiter = limiters.get(provider);
        return limiter == null ? Duration.ZERO : Duration.ofNanos(limiter.reserveStart(clock.nanoTime()));
    }

    /**
     * Tells the names of all providers that calls are prepared for,: those that are known now, and others as they come.
     *
     * @param listener may be called by any StreamThread; must not block. It may be told of a provider twice
     */
    public void onProvider(Consumer<String> listener) {
        onProvider.add(listener);
        limiters.keySet().forEach(listener);
    }

    /**
     * Tells of the records of a topic that the {@code KafkaStreams} with {@link #clients()} have written, as soon as Kafka has
     * acknowledged them: sooner than they can be read. Not under exactly once, where what has arrived is not committed yet, nor
     * where replicas are not waited for.
     *
     * @param listener the only one of that topic; to be there before the {@code KafkaStreams} start
     */
    public void onArrival(String topic, ArrivalListener listener) {
        clients.onArrival(topic, listener);
    }

    /** Interrupts all calls. Their records stay pending and are called again at the next start. */
    @Override
    public void close() {
        closed = true;
        executor.close();
    }

    /** What the present StreamThread reads from, if it reads through {@link #clients()}. */
    @Nullable
    Intake intake() {
        return intake == null ? clients.ofThisThread() : intake;
    }

    /** The limit of all tasks of a stage together. */
    ProviderLimiter stageLimiter(StageOptions options) {
        Provider limits = new Provider(options.name(), options.maxInFlightOfStage(), 0);
        ProviderLimiter limiter = stages.computeIfAbsent(options.name(), _ -> new ProviderLimiter(limits));
        limiter.adopt(limits);
        return limiter;
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
        ProviderLimiter known = limiters.get(provider.name());
        if (known != null) {
            known.adopt(provider);
            return known;
        }
        ProviderLimiter added = new ProviderLimiter(provider);
        ProviderLimiter other = limiters.putIfAbsent(provider.name(), added);
        if (other != null) {
            other.adopt(provider);
            return other;
        }
        onProvider.forEach(listener -> listener.accept(provider.name()));
        return added;
    }
}
