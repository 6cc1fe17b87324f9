package io.penstock.stage;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of a task of a durable stage, from {@code init()} to {@code close()}: moves each pending record through the stages
 * of {@link EntryState}.
 *
 * <p><b>Threading.</b> StreamThread only, but for the {@link Completions} that calls end in and {@link #hasUnseen}.
 */
final class StageLife<K, V, R> implements Intake.Task {
    private static final Logger LOG = LoggerFactory.getLogger(StageLife.class);

    /** Else a stage that is never busy for long would commit for each record. */
    private static final long LEAST_BETWEEN_REQUESTS_NANOS =
            Duration.ofMillis(50).toNanos();

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
    private final ProviderLimiter.Claimant claimant;
    private final ReadyQueues<K, V, R> ready;
    private final TreeSet<StageEntry<K, V, R>> backingOff =
            new TreeSet<>(Comparator.<StageEntry<K, V, R>>comparingLong(entry -> entry.dueNanos)
                    .thenComparingLong(entry -> entry.seq));
    /** By slot, oldest first. */
    private final Map<Integer, StageEntry<K, V, R>> pending = new LinkedHashMap<>();
    /** In the order they were handed over, in which they begin: that of their deadlines. */
    private final LinkedHashSet<Call<K, V, R>> executing = new LinkedHashSet<>();

    private final TaskGauge gauge = new TaskGauge();
    private final ProviderLimiter stageLimiter;
    private final ProviderLimiter unlimited;
    private final Semaphore inFlight;
    private final IntakeGate gate;
    private final Ticker ticker;
    private final Linger linger;
    private final boolean transactional;
    private final @Nullable Intake intake;
    private final @Nullable SentSlots sent;
    private volatile boolean closed;
    private volatile boolean roomFreed;
    private Ramp ramp;
    private long committedOnRequest = -LEAST_BETWEEN_REQUESTS_NANOS;
    private boolean emittedSinceRequest;
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
        this.retries = options.retries();
        this.threadName = options.name() + "-" + context.taskId();
        this.table = new PendingTable<>(context, options.pendingStore(), keySerde, valueSerde);
        this.emitter = new Emitter<>(context, options);
        Intake intake = runtime.intake();
        this.completions = new Completions<>(clock, metrics, intake == null ? () -> {} : () -> intake.wake(this));
        this.claimant = intake == null ? () -> {} : () -> roomIsFree(intake);
        this.ready = new ReadyQueues<>(claimant);
        this.lanes = Lanes.of(options);
        this.stageLimiter = runtime.stageLimiter(options);
        this.unlimited = runtime.limiter(Provider.UNLIMITED);
        this.inFlight = new Semaphore(options.maxInFlight(), true);
        this.gate = new IntakeGate(intake, options);
        this.ticker = new Ticker(context, clock, options.tick(), intake != null, this::tick);
        this.linger = new Linger(options);
        this.ramp = Ramp.none(options.maxInFlight());
        this.transactional = StreamsConfig.EXACTLY_ONCE_V2.equals(
                context.appConfigs().get(StreamsConfig.PROCESSING_GUARANTEE_CONFIG));
        this.intake = intake;
        this.sent = intake == null || transactional ? null : new SentSlots(intake, table::delete);
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
            ramp = Ramp.over(options.ramp(), options.maxInFlight(), clock.nanoTime());
        }
        tidyUp();
    }

    void process(Record<K, V> record) {
        ticker.activity();
        context.recordMetadata()
                .filter(origin -> origin.topic() != null) // what a punctuator forwards comes from nowhere
                .ifPresent(gate::seen);
        drain();
        if (function.isFence(record.key(), record.value())) {
            passFence(record);
            dispatch();
        } else {
            accept(record);
        }
        if (gate.canPause()) {
            countOverflow();
        } else {
            holdBack();
        }
        if (intake != null && !intake.hasMore()) {
            lingerForResult();
        }
        tidyUp();
    }

    private void accept(Record<K, V> record) {
        int slot = table.freeSlot();
        StoredRecord<K, V> stored = table.add(slot, record, context.recordMetadata(), clock.millis());
        StageEntry<K, V, R> entry = enter(slot, stored, false);
        entry.loaded = stored;
        entry.acceptedUnder = flushes();
        dispatch();
        if (entry.call == null) {
            entry.loaded = null; // not its turn yet: its payload stays in the store alone
        }
    }

    private long flushes() {
        return intake == null ? 0 : intake.flushes();
    }

    private void tick() {
        heldBackNanos = 0;
        drain();
        dispatch();
        tidyUp();
    }

    /** Interrupts what executes; the entries stay in the store. */
    void close() {
        closed = true;
        completions.close();
        ready.clear();
        stageLimiter.withdraw(claimant);
        executing.forEach(Call::interrupt);
        ticker.stop();
        gate.open();
        metrics.remove(gauge);
    }

    private void roomIsFree(Intake of) {
        roomFreed = true;
        of.wake(this);
    }

    /** Of a task that is closed, nobody will look any more. */
    @Override
    public boolean hasUnseen() {
        return !closed && (roomFreed || !completions.isEmpty());
    }

    // --- in -------------------------------------------------------------------------------------------------------

    private StageEntry<K, V, R> enter(int slot, StoredRecord<K, V> record, boolean restored) {
        StageEntry<K, V, R> entry = new StageEntry<>(slot, record, restored, laneOf(record), unlimited);
        findProvider(entry, record);
        long waitMillis = Math.max(0, record.entry().notBefore() - clock.millis());
        entry.dueNanos = clock.nanoTime() + Duration.ofMillis(waitMillis).toNanos();
        pending.put(slot, entry);
        if (lanes.enter(entry, entry.lane)) {
            release(entry);
        }
        return entry;
    }

    private @Nullable Object laneOf(StoredRecord<K, V> record) {
        if (options.order() != StageOrder.PER_KEY) {
            return null;
        }
        Object lane = function.lane(record.key(), record.value());
        return lane instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : lane;
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
        int limit = ramp.limit(now);
        while (executing.size() < limit + ahead(limit) && !ready.isEmpty()) {
            if (!stageLimiter.tryAcquire(now, claimant)) {
                ready.withdraw(); // a place at a provider would be of no use
                return;
            }
            StageEntry<K, V, R> entry = ready.poll(now);
            if (entry == null) {
                stageLimiter.giveBack();
                return;
            }
            attempt(entry, new Room(entry.limiter, stageLimiter));
        }
        ready.withdraw();
        stageLimiter.withdraw(claimant);
    }

    /** Calls that may be handed over before it is their turn: such as take no room from anybody else meanwhile. */
    private int ahead(int limit) {
        boolean free = intake != null
                && limit == options.maxInFlight()
                && options.maxInFlightOfStage() == Integer.MAX_VALUE
                && ready.holdsOnly(unlimited);
        return free ? limit / 4 : 0;
    }

    private void attempt(StageEntry<K, V, R> entry, Room room) {
        StoredRecord<K, V> record = entry.loaded == null ? table.get(entry.slot) : entry.loaded;
        Step<R> step;
        try {
            step = prepare(entry, record);
        } catch (StreamsException e) {
            room.giveBack();
            throw e; // the task is to stop: not ours to judge
        } catch (RuntimeException e) {
            room.giveBack();
            LOG.debug("Stage {}: preparation of {} failed", options.name(), origin(record), e);
            failed(entry, record, e);
            return;
        }
        switch (step) {
            case Step.Call<R>(AsyncCall<R> body) -> execute(entry, record, body, room);
            case Step.Result<R>(R value) -> {
                room.giveBack();
                settle(entry, new Outcome.Succeeded<>(value));
            }
            case Step.Drop<R> _ -> {
                room.giveBack();
                settle(entry, new Outcome.Dropped<>());
            }
            case Step.Fail<R>(CallException failure) -> {
                room.giveBack();
                settle(entry, Outcome.Failed.of(failure, entry.failedAttempts + 1));
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

    private void execute(StageEntry<K, V, R> entry, StoredRecord<K, V> record, AsyncCall<R> body, Room room) {
        boolean hasEvents = options.eventChild() != null;
        Turn turn = Turn.next(inFlight);
        Call<K, V, R> call = new Call<>(entry, body, room, completions, hasEvents, turn, clock, options.callTimeout());
        try {
            call.start(runtime.executor(), threadName);
        } catch (RuntimeException e) {
            turn.end();
            room.giveBack();
            failed(entry, record, e);
            return;
        }
        ticker.activity();
        entry.become(EntryState.EXECUTING);
        entry.loaded = record;
        entry.call = call;
        executing.add(call);
        metrics.countCall(entry.restored && !entry.called);
        entry.called = true;
    }

    // --- back -----------------------------------------------------------------------------------------------------

    private void drain() {
        if (intake != null) {
            intake.looked(this);
            roomFreed = false;
        }
        if (sent != null) {
            sent.deleteArrived();
        }
        if (runtime.isClosed()) {
            return; // what ends now was interrupted by the end of the process, and says nothing about its record
        }
        for (Signal<K, V, R> signal = completions.poll(); signal != null; signal = completions.poll()) {
            if (runtime.isClosed()) {
                return; // closed meanwhile: this one may have been interrupted
            }
            take(signal);
        }
        expire();
    }

    private void take(Signal<K, V, R> signal) {
        ticker.activity();
        if (!executing.contains(signal.call())) {
            if (signal instanceof Signal.Completion<K, V, R>) {
                metrics.countLate();
            }
            return;
        }
        switch (signal) {
            case Signal.Completion<K, V, R> done -> complete(done);
            case Signal.Event<K, V, R>(Call<K, V, R> call, Object event, long sequence) ->
                emitter.emitEvent(
                        recordOf(call.entry()),
                        event,
                        call.attempt(),
                        sequence,
                        Objects.requireNonNull(options.eventChild()));
        }
    }

    private void complete(Signal.Completion<K, V, R> done) {
        Call<K, V, R> call = done.call();
        executing.remove(call);
        linger.ended(call);
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
            call.giveUp();
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
        if (failure instanceof CallException call && call.isDeferred() && putOff(entry, call)) {
            return;
        }
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
            settle(entry, Outcome.Failed.of(failure, failedAttempts));
            return;
        }
        entry.failedAttempts = failedAttempts;
        if (!(failure instanceof CallException call && call.isDeferred())) {
            entry.deferrals = null; // it was asked again
        }
        entry.loaded = null;
        table.put(entry.slot, record.entry().failedOnce(failedAttempts, clock.millis() + wait.toMillis()));
        waitUntil(entry, clock.nanoTime() + wait.toNanos());
        metrics.countRetry();
        entry.limiter.countRetry();
    }

    /** Only in memory: after a restart the call is made at once. */
    private boolean putOff(StageEntry<K, V, R> entry, CallException deferral) {
        long now = clock.nanoTime();
        Deferrals deferrals = entry.deferrals == null ? new Deferrals() : entry.deferrals;
        entry.deferrals = deferrals;
        Duration wait = retries.putOff(deferrals.add(deferral, now), options.maxDeferral(), deferral);
        if (wait == null || deferrals.isBeyondTheLimitOf(deferral)) {
            return false;
        }
        entry.loaded = null;
        waitUntil(entry, now + wait.toNanos());
        metrics.countDeferral();
        return true;
    }

    private void waitUntil(StageEntry<K, V, R> entry, long dueNanos) {
        entry.dueNanos = dueNanos;
        entry.become(EntryState.BACKING_OFF);
        backingOff.add(entry);
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
        emittedSinceRequest = true;
        StoredRecord<K, V> record = recordOf(entry);
        metrics.count(outcome);
        emitter.emit(record, outcome);
        if (sent == null || (!entry.restored && entry.acceptedUnder == flushes())) {
            table.delete(entry.slot);
        } else {
            sent.add(entry.slot);
        }
        remove(entry);
    }

    private void remove(StageEntry<K, V, R> entry) {
        entry.become(EntryState.GONE);
        entry.loaded = null;
        pending.remove(entry.slot);
        StageEntry<K, V, R> next = lanes.leave(entry, entry.lane);
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
                call.giveUp();
            }
        }
        table.delete(entry.slot); // a crash brings the fence again
        remove(entry);
        metrics.countCancelled();
    }

    // --- overload and idleness ------------------------------------------------------------------------------------

    /**
     * Where intake cannot be paused: beyond the parking space waits for calls to end. The budget holds for all records together
     * until the StreamThread has been back in its loop (where it punctuates and commits), for it processes many records between two
     * commits.
     */
    private void holdBack() {
        if (pending.size() <= options.capacity() || runtime.isClosed()) {
            return;
        }
        long start = clock.nanoTime();
        long left = options.blockBudget().toNanos() - heldBackNanos;
        try {
            while (pending.size() > options.capacity() && left > 0) {
                Signal<K, V, R> signal =
                        completions.await(Math.min(left, options.tick().toNanos()));
                if (runtime.isClosed()) {
                    return;
                }
                if (signal != null) {
                    take(signal);
                }
                drain();
                dispatch();
                left = options.blockBudget().toNanos() - heldBackNanos - (clock.nanoTime() - start);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        heldBackNanos += clock.nanoTime() - start;
        countOverflow();
    }

    /** A tick comes a millisecond later at the earliest; many a call takes less. */
    private void lingerForResult() {
        long now = clock.nanoTime();
        long until = linger.until(now);
        try {
            while (now < until && linger.isWorthwhile(executing, now)) {
                Signal<K, V, R> signal = completions.await(until - now);
                if (runtime.isClosed()) {
                    return;
                }
                if (signal == null) {
                    linger.inVain();
                } else {
                    take(signal);
                    drain();
                    dispatch();
                }
                now = clock.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void countOverflow() {
        if (pending.size() > options.capacity()) {
            metrics.countOverflow();
        }
    }

    private void tidyUp() {
        if (pending.isEmpty()) {
            heldBackNanos = 0;
            commitTheLast();
        }
        if (pending.isEmpty() && (sent == null || sent.isEmpty())) {
            ticker.stop();
        } else {
            ticker.tickWhilePending(!ready.isEmpty(), nextDue());
        }
        gate.update(pending.size());
        long oldest =
                pending.isEmpty() ? Long.MAX_VALUE : pending.values().iterator().next().acceptedAt;
        gauge.set(new TaskGauge.Reading(pending.size(), executing.size(), oldest, lanes.deepest(), gate.isClosed()));
    }

    /** When a wait between attempts or a deadline ends next. */
    private long nextDue() {
        long due = backingOff.isEmpty() ? Long.MAX_VALUE : backingOff.getFirst().dueNanos;
        return executing.isEmpty() ? due : Math.min(due, executing.getFirst().deadlineNanos());
    }

    /** When nothing is left to wait for, readers need not wait for the next commit either. */
    private void commitTheLast() {
        long now = clock.nanoTime();
        if (transactional && emittedSinceRequest && now - committedOnRequest >= LEAST_BETWEEN_REQUESTS_NANOS) {
            emittedSinceRequest = false;
            committedOnRequest = now;
            context.commit();
        }
    }

    private static String origin(StoredRecord<?, ?> record) {
        PendingEntry entry = record.entry();
        return entry.topic() + "-" + entry.partition() + "@" + entry.offset();
    }
}
