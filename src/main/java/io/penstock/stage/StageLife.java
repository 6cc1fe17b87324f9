package io.penstock.stage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of a task of a durable stage, from {@code init()} to {@code close()}: moves each pending record through the stages
 * of {@link EntryState}.
 *
 * <p><b>Threading.</b> StreamThread only, but for the {@link Completions} that calls end in.
 */
final class StageLife<K, V, R> {
    private static final Logger LOG = LoggerFactory.getLogger(StageLife.class);
    private static final int MAX_MESSAGE_LENGTH = 1000;

    private final StageOptions options;
    private final StageFunction<K, V, R> function;
    private final StageRuntime runtime;
    private final StageClock clock;
    private final StageMetrics metrics;
    private final ProcessorContext<Object, Object> context;
    private final RetryPolicy retries;
    private final String threadName;

    private final PendingTable<K, V> table;
    private final Emitter<K, V, R> emitter;
    private final Completions<K, V, R> completions;
    private final Lanes<StageEntry<K, V, R>> lanes;
    private final ReadyQueues<K, V, R> ready = new ReadyQueues<>();
    private final TreeSet<StageEntry<K, V, R>> backingOff =
            new TreeSet<>(Comparator.<StageEntry<K, V, R>>comparingLong(entry -> entry.dueNanos)
                    .thenComparingLong(entry -> entry.seq));
    /** By slot, oldest first. */
    private final Map<Integer, StageEntry<K, V, R>> pending = new LinkedHashMap<>();
    /** In the order they started, which is that of their deadlines. */
    private final LinkedHashSet<Call<K, V, R>> executing = new LinkedHashSet<>();

    private final TaskGauge gauge = new TaskGauge();
    private @Nullable Cancellable punctuator;
    /** Time spent holding intake back since the StreamThread was last seen in its own loop. */
    private long heldBackNanos;

    StageLife(
            StageOptions options,
            Serde<K> keySerde,
            Serde<V> valueSerde,
            StageFunction<K, V, R> function,
            StageRuntime runtime,
            ProcessorContext<Object, Object> context) {
        this.options = options;
        this.function = function;
        this.runtime = runtime;
        this.clock = runtime.clock();
        this.metrics = runtime.metrics(options.name());
        this.context = context;
        this.retries = new RetryPolicy(options.maxAttempts(), options.backoff(), options.maxBackoff());
        this.threadName = options.name() + "-" + context.taskId();
        this.table = new PendingTable<>(context, options.pendingStore(), keySerde, valueSerde);
        this.emitter = new Emitter<>(context, options);
        this.completions = new Completions<>(clock, metrics);
        this.lanes = Lanes.of(options);
    }

    /** Takes up what an earlier life left. Prepares and forwards nothing yet: the first tick or record does. */
    void start() {
        function.init(context);
        metrics.add(gauge);
        for (PendingTable.Arrival arrival : table.restore()) {
            enter(arrival.slot(), table.get(arrival.slot()), true);
        }
        if (!pending.isEmpty()) {
            LOG.info(
                    "Stage {} of task {} resumes {} pending records", options.name(), context.taskId(), pending.size());
        }
        tidyUp();
    }

    void process(Record<K, V> record) {
        drain();
        if (function.isFence(record.key(), record.value())) {
            passFence(record);
            dispatch();
        } else {
            accept(record);
        }
        holdBack();
        tidyUp();
    }

    private void accept(Record<K, V> record) {
        int slot = table.freeSlot();
        StoredRecord<K, V> stored = table.add(slot, record, context.recordMetadata(), clock.millis());
        StageEntry<K, V, R> entry = enter(slot, stored, false);
        entry.loaded = stored;
        dispatch();
        if (entry.call == null) {
            entry.loaded = null; // not its turn yet: its payload stays in the store alone
        }
    }

    private void tick() {
        heldBackNanos = 0;
        drain();
        dispatch();
        tidyUp();
    }

    /** Interrupts what executes; the entries stay in the store. */
    void close() {
        completions.close();
        executing.forEach(Call::interrupt);
        if (punctuator != null) {
            punctuator.cancel();
            punctuator = null;
        }
        metrics.remove(gauge);
    }

    // --- in -------------------------------------------------------------------------------------------------------

    private StageEntry<K, V, R> enter(int slot, StoredRecord<K, V> record, boolean restored) {
        boolean ownLanes = options.order() == StageOrder.PER_KEY;
        StageEntry<K, V, R> entry =
                new StageEntry<>(slot, record, restored, ownLanes, runtime.limiter(Provider.UNLIMITED));
        findProvider(entry, record);
        long waitMillis = Math.max(0, record.entry().notBefore() - clock.millis());
        entry.dueNanos = clock.nanoTime() + Duration.ofMillis(waitMillis).toNanos();
        pending.put(slot, entry);
        if (lanes.enter(entry, entry.laneKey)) {
            release(entry);
        }
        return entry;
    }

    private void findProvider(StageEntry<K, V, R> entry, StoredRecord<K, V> record) {
        try {
            entry.limiter = runtime.limiter(function.provider(record.key(), record.value()));
            entry.providerFailure = null;
        } catch (StreamsException e) {
            throw e;
        } catch (RuntimeException e) {
            entry.providerFailure = e; // a failed attempt, as soon as it is its turn
        }
    }

    private void release(StageEntry<K, V, R> entry) {
        if (entry.dueNanos > clock.nanoTime()) {
            entry.become(EntryState.BACKING_OFF);
            backingOff.add(entry);
        } else {
            makeReady(entry);
        }
    }

    private void makeReady(StageEntry<K, V, R> entry) {
        entry.become(EntryState.READY);
        ready.add(entry);
    }

    // --- at work --------------------------------------------------------------------------------------------------

    private void dispatch() {
        if (runtime.isClosed()) {
            return;
        }
        long now = clock.nanoTime();
        while (!backingOff.isEmpty() && backingOff.getFirst().dueNanos <= now) {
            makeReady(backingOff.removeFirst());
        }
        while (executing.size() < options.maxInFlight()) {
            StageEntry<K, V, R> entry = ready.poll(now);
            if (entry == null) {
                return;
            }
            attempt(entry);
        }
    }

    /** To be called with room taken at the entry's provider. */
    private void attempt(StageEntry<K, V, R> entry) {
        ProviderLimiter limiter = entry.limiter;
        StoredRecord<K, V> record = entry.loaded == null ? table.get(entry.slot) : entry.loaded;
        Step<R> step;
        try {
            step = prepare(entry, record);
        } catch (StreamsException e) {
            limiter.giveBack();
            throw e; // the task is to stop: not ours to judge
        } catch (RuntimeException e) {
            limiter.giveBack();
            LOG.debug("Stage {}: preparation of {} failed", options.name(), origin(record), e);
            failed(entry, record, e);
            return;
        }
        switch (step) {
            case Step.Call<R>(AsyncCall<R> body) -> execute(entry, record, body);
            case Step.Result<R>(R value) -> {
                limiter.giveBack();
                settle(entry, new Outcome.Succeeded<>(value));
            }
            case Step.Drop<R> _ -> {
                limiter.giveBack();
                settle(entry, new Outcome.Dropped<>());
            }
            case Step.Fail<R>(CallException failure) -> {
                limiter.giveBack();
                settle(entry, outcomeOf(failure, entry.failedAttempts + 1));
            }
        }
    }

    private Step<R> prepare(StageEntry<K, V, R> entry, StoredRecord<K, V> record) {
        if (entry.providerFailure != null) {
            RuntimeException failure = entry.providerFailure;
            findProvider(entry, record); // for the next attempt
            throw failure;
        }
        Step<R> step = function.prepare(
                record.key(), record.value(), record.entry().copyOfHeaders(), entry.failedAttempts + 1);
        return Objects.requireNonNull(step, "prepare() returned no step");
    }

    private void execute(StageEntry<K, V, R> entry, StoredRecord<K, V> record, AsyncCall<R> body) {
        long deadline = clock.nanoTime() + options.callTimeout().toNanos();
        Call<K, V, R> call = new Call<>(entry, body, entry.limiter, completions, deadline);
        try {
            call.start(runtime.executor(), threadName);
        } catch (RuntimeException e) {
            entry.limiter.giveBack();
            failed(entry, record, e);
            return;
        }
        entry.become(EntryState.EXECUTING);
        entry.loaded = record;
        entry.call = call;
        executing.add(call);
        metrics.countCall(entry.restored && !entry.called);
        entry.called = true;
    }

    // --- back -----------------------------------------------------------------------------------------------------

    private void drain() {
        if (runtime.isClosed()) {
            return; // what ends now was interrupted by the end of the process, and says nothing about its record
        }
        for (Completion<K, V, R> done = completions.poll(); done != null; done = completions.poll()) {
            if (runtime.isClosed()) {
                return; // closed meanwhile: this one may have been interrupted
            }
            complete(done);
        }
        expire();
    }

    private void complete(Completion<K, V, R> done) {
        Call<K, V, R> call = done.call();
        if (!executing.remove(call)) {
            metrics.countLate();
            return;
        }
        StageEntry<K, V, R> entry = call.entry();
        entry.call = null;
        Outcome.Succeeded<R> result = done.result();
        if (result != null) {
            settle(entry, result);
        } else {
            failed(entry, recordOf(entry), Objects.requireNonNull(done.failure()));
        }
    }

    private void expire() {
        long now = clock.nanoTime();
        while (!executing.isEmpty() && executing.getFirst().deadlineNanos() <= now) {
            Call<K, V, R> call = executing.removeFirst();
            call.interrupt();
            metrics.countTimeout();
            StageEntry<K, V, R> entry = call.entry();
            entry.call = null;
            failed(entry, recordOf(entry), timedOut());
        }
    }

    private CallException timedOut() {
        return CallException.retryable(
                "stage.timeout",
                "The call did not end within " + options.callTimeout().toMillis() + " ms and was interrupted.",
                null);
    }

    private void failed(StageEntry<K, V, R> entry, StoredRecord<K, V> record, Throwable failure) {
        int failedAttempts = entry.failedAttempts + 1;
        Duration wait = retries.after(failedAttempts, failure);
        if (wait == null) {
            if (!(failure instanceof CallException)) {
                LOG.warn(
                        "Stage {}: {} failed for good after {} attempts by an exception that names no code",
                        options.name(),
                        origin(record),
                        failedAttempts,
                        failure);
            }
            settle(entry, outcomeOf(failure, failedAttempts));
            return;
        }
        entry.failedAttempts = failedAttempts;
        entry.dueNanos = clock.nanoTime() + wait.toNanos();
        entry.loaded = null;
        table.put(entry.slot, record.entry().failedOnce(failedAttempts, clock.millis() + wait.toMillis()));
        entry.become(EntryState.BACKING_OFF);
        backingOff.add(entry);
        metrics.countRetry();
    }

    private static <R> Outcome<R> outcomeOf(Throwable failure, int attempts) {
        String code = failure instanceof CallException call ? call.code() : "stage.failed";
        String message = failure instanceof CallException ? String.valueOf(failure.getMessage()) : failure.toString();
        return new Outcome.Failed<>(
                code,
                message.length() > MAX_MESSAGE_LENGTH ? message.substring(0, MAX_MESSAGE_LENGTH) : message,
                attempts);
    }

    // --- out ------------------------------------------------------------------------------------------------------

    private void settle(StageEntry<K, V, R> entry, Outcome<R> outcome) {
        entry.become(EntryState.SETTLED);
        entry.outcome = outcome;
        if (lanes.mayEmit(entry)) {
            emit(entry, outcome);
            emitFollowing();
        } else {
            entry.loaded = null;
        }
    }

    private void emitFollowing() {
        StageEntry<K, V, R> first = lanes.first();
        while (first != null && first.outcome != null) {
            emit(first, first.outcome);
            first = lanes.first();
        }
    }

    private void emit(StageEntry<K, V, R> entry, Outcome<R> outcome) {
        StoredRecord<K, V> record = recordOf(entry);
        remove(entry);
        metrics.count(outcome);
        emitter.emit(record, outcome);
    }

    private void remove(StageEntry<K, V, R> entry) {
        entry.become(EntryState.GONE);
        entry.loaded = null;
        table.delete(entry.slot);
        pending.remove(entry.slot);
        StageEntry<K, V, R> next = lanes.leave(entry, entry.laneKey);
        if (next != null) {
            release(next);
        }
    }

    private StoredRecord<K, V> recordOf(StageEntry<K, V, R> entry) {
        return entry.loaded == null ? table.get(entry.slot) : entry.loaded;
    }

    // --- fence ----------------------------------------------------------------------------------------------------

    private void passFence(Record<K, V> fence) {
        List<V> cancelled = new ArrayList<>();
        for (StageEntry<K, V, R> entry : List.copyOf(pending.values())) {
            StoredRecord<K, V> record = recordOf(entry);
            if (function.fences(fence.value(), record.key(), record.value())) {
                cancel(entry);
                cancelled.add(record.value());
            }
        }
        emitFollowing();
        emitter.emitFence(fence, cancelled);
    }

    private void cancel(StageEntry<K, V, R> entry) {
        switch (entry.state()) {
            case WAITING, SETTLED, GONE -> {}
            case READY -> ready.remove(entry);
            case BACKING_OFF -> backingOff.remove(entry);
            case EXECUTING -> {
                Call<K, V, R> call = Objects.requireNonNull(entry.call);
                executing.remove(call);
                call.interrupt();
            }
        }
        remove(entry);
        metrics.countCancelled();
    }

    // --- overload and idleness ------------------------------------------------------------------------------------

    /**
     * Beyond the parking space waits for calls to end. The budget holds for all records together until the StreamThread has
     * been back in its loop (where it punctuates and commits), for it processes many records between two commits.
     */
    private void holdBack() {
        long limit = (long) options.maxInFlight() + options.maxParked();
        if (pending.size() <= limit || runtime.isClosed()) {
            return;
        }
        long start = clock.nanoTime();
        long left = options.blockBudget().toNanos() - heldBackNanos;
        try {
            while (pending.size() > limit && left > 0) {
                Completion<K, V, R> done =
                        completions.await(Math.min(left, options.tick().toNanos()));
                if (runtime.isClosed()) {
                    return;
                }
                if (done != null) {
                    complete(done);
                }
                drain();
                dispatch();
                left = options.blockBudget().toNanos() - heldBackNanos - (clock.nanoTime() - start);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        heldBackNanos += clock.nanoTime() - start;
        if (pending.size() > limit) {
            metrics.countOverflow();
        }
    }

    /** A punctuator exists only while something is pending: under exactly-once each one that fires costs a transaction. */
    private void tidyUp() {
        if (pending.isEmpty()) {
            heldBackNanos = 0;
            if (punctuator != null) {
                punctuator.cancel();
                punctuator = null;
            }
        } else if (punctuator == null) {
            punctuator = context.schedule(options.tick(), PunctuationType.WALL_CLOCK_TIME, _ -> tick());
        }
        long oldest =
                pending.isEmpty() ? Long.MAX_VALUE : pending.values().iterator().next().acceptedAt;
        gauge.set(pending.size(), executing.size(), oldest);
    }

    private static String origin(StoredRecord<?, ?> record) {
        PendingEntry entry = record.entry();
        return entry.topic() + "-" + entry.partition() + "@" + entry.offset();
    }
}
