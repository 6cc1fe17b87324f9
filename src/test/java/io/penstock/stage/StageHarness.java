package io.penstock.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** A stage in a topology of its own, where time passes and calls end when a test says so. */
final class StageHarness implements AutoCloseable {
    static final Duration TICK = Duration.ofMillis(20);
    private static final String RESTART_SAME = "!same";
    private static final String RESTART_NEW = "!new";
    private static final String CRASH = "!crash";

    final HandClock clock = new HandClock();
    final HandExecutor executor = new HandExecutor();
    final StageRuntime runtime;
    final ScriptedFunction function;
    final List<Record<Object, Object>> results = new ArrayList<>();
    final List<Record<Object, Object>> failures = new ArrayList<>();
    final List<Record<Object, Object>> events = new ArrayList<>();
    /** What was forwarded, in that order. */
    final List<Record<Object, Object>> outcomes = new ArrayList<>();

    /** Runs whenever something was forwarded. */
    Runnable onOutcome = () -> {};

    int punctuators;
    int ticks;
    private Committed committed = new Committed(Map.of(), 0, 0, 0);
    private final List<Record<String, String>> fromPunctuator = new ArrayList<>();
    private final TopologyTestDriver driver;
    private final TestInputTopic<String, String> input;

    StageHarness(StageOptions options) {
        this(options, new ScriptedFunction(), null);
    }

    StageHarness(StageOptions options, ScriptedFunction function, @Nullable CallExecutor otherExecutor) {
        this(options, function, otherExecutor, null, "exactly_once_v2");
    }

    /** The StreamThread reads from there. */
    StageHarness(StageOptions options, HandIntake intake, String guarantee) {
        this(options, new ScriptedFunction(), null, intake, guarantee);
    }

    StageHarness(
            StageOptions options,
            ScriptedFunction function,
            @Nullable CallExecutor otherExecutor,
            @Nullable HandIntake intake,
            String guarantee) {
        this.function = function;
        this.runtime = new StageRuntime(otherExecutor == null ? executor : otherExecutor, clock, intake);
        DurableStageSupplier<String, String, String> supplier =
                new DurableStageSupplier<>(options, Serdes.String(), Serdes.String(), () -> function, runtime);
        Topology topology = new Topology();
        topology.addSource("source", new StringDeserializer(), new StringDeserializer(), "in");
        topology.addProcessor("before", Before::new, "source");
        topology.addProcessor(options.name(), new RestartableSupplier(supplier), "before");
        topology.addProcessor(options.resultChild(), () -> collect(results), options.name());
        topology.addProcessor(options.failureChild(), () -> collect(failures), options.name());
        String eventChild = options.eventChild();
        if (eventChild != null) {
            topology.addProcessor(eventChild, () -> collect(events), options.name());
        }
        Properties settings = new Properties();
        settings.put("application.id", "stage-test");
        settings.put("bootstrap.servers", "localhost:1");
        settings.put("processing.guarantee", guarantee);
        settings.put("state.dir", folder().toString());
        driver = new TopologyTestDriver(topology, settings, Instant.ofEpochMilli(HandClock.START_MILLIS));
        input = driver.createInputTopic("in", new StringSerializer(), new StringSerializer());
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target", "streams-stage")), "stage");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StageOptions options(StageOrder order, int maxInFlight, int maxParked) {
        return StageOptions.of("slow-work", "pending", "results", "failures")
                .withOrder(order)
                .withMaxInFlight(maxInFlight)
                .withMaxParked(maxParked)
                .withCallTimeout(Duration.ofSeconds(10))
                .withAttempts(3, Duration.ofMillis(100), Duration.ofSeconds(1))
                .withTick(TICK)
                .withBlockBudget(Duration.ofMillis(500))
                .withRamp(Duration.ZERO);
    }

    /** What a crash leaves. */
    private record Committed(Map<Integer, PendingEntry> stored, int results, int failures, int outcomes) {}

    void send(String key, String value) {
        input.pipeInput(key, value);
    }

    void send(String key, String value, Headers headers, long timestamp) {
        input.pipeInput(new TestRecord<>(key, value, headers, timestamp));
    }

    /** Has a punctuator before the stage forward this when time passes next. */
    void sendFromPunctuator(String key, String value) {
        fromPunctuator.add(new Record<>(key, value, clock.millis()));
    }

    void advance(Duration time) {
        clock.advance(time);
        driver.advanceWallClockTime(time);
    }

    void tick() {
        advance(TICK);
    }

    /** The task is suspended and resumed: the same processor instance gets close() and init(). */
    void restartSameInstance() {
        input.pipeInput(RESTART_SAME, "");
    }

    /** The process dies and another one takes over: a new processor instance finds the store. */
    void restartNewInstance() {
        input.pipeInput(RESTART_NEW, "");
    }

    /** What was done so far outlasts a {@link #crash()}. */
    void commit() {
        Map<Integer, PendingEntry> stored = new HashMap<>();
        try (KeyValueIterator<Integer, PendingEntry> all = store().all()) {
            all.forEachRemaining(entry -> stored.put(entry.key, entry.value));
        }
        committed = new Committed(stored, results.size(), failures.size(), outcomes.size());
    }

    /**
     * The process dies, what it did since the last commit is undone, and another one takes over. What was sent since then is to be
     * sent again.
     */
    void crash() {
        input.pipeInput(CRASH, "");
    }

    private void undo(KeyValueStore<Integer, PendingEntry> store) {
        List<Integer> slots = new ArrayList<>();
        try (KeyValueIterator<Integer, PendingEntry> all = store.all()) {
            all.forEachRemaining(entry -> slots.add(entry.key));
        }
        slots.forEach(store::delete);
        committed.stored().forEach(store::put);
        results.subList(committed.results(), results.size()).clear();
        failures.subList(committed.failures(), failures.size()).clear();
        outcomes.subList(committed.outcomes(), outcomes.size()).clear();
    }

    /** Ends the newest call for the value that has not ended. The stage sees it at the next tick or record. */
    void end(String value, Callable<String> answer) {
        for (int i = function.calls.size() - 1; i >= 0; i--) {
            if (function.calls.get(i).value.equals(value) && !executor.started.get(i).ended) {
                end(i, answer);
                return;
            }
        }
        throw new AssertionError("no call for " + value + " is executing");
    }

    void end(int call, Callable<String> answer) {
        function.calls.get(call).answer = answer;
        executor.started.get(call).run();
    }

    void succeed(String value) {
        end(value, () -> "done " + value);
        tick();
    }

    void fail(String value, Exception failure) {
        end(value, () -> {
            throw failure;
        });
        tick();
    }

    List<String> called() {
        return function.calls.stream()
                .map(call -> call.value + "#" + call.attempt)
                .toList();
    }

    List<Object> resultValues() {
        return results.stream().map(Record::value).toList();
    }

    @SuppressWarnings("unchecked")
    FailedCall<String> failure(int index) {
        return (FailedCall<String>) failures.get(index).value();
    }

    List<PendingEntry> stored() {
        List<PendingEntry> stored = new ArrayList<>();
        try (KeyValueIterator<Integer, PendingEntry> all = store().all()) {
            all.forEachRemaining(entry -> stored.add(entry.value));
        }
        return stored;
    }

    private KeyValueStore<Integer, PendingEntry> store() {
        return driver.getKeyValueStore("pending");
    }

    StageMetrics metrics() {
        return runtime.metrics("slow-work");
    }

    @Override
    public void close() {
        driver.close();
    }

    private Processor<Object, Object, Object, Object> collect(List<Record<Object, Object>> records) {
        return record -> {
            records.add(record);
            outcomes.add(record);
            onOutcome.run();
        };
    }

    /** Passes on what comes in, and what is sent from a punctuator. */
    private final class Before implements Processor<String, String, String, String> {
        private @Nullable ProcessorContext<String, String> out;

        @Override
        public void init(ProcessorContext<String, String> context) {
            out = context;
            context.schedule(Duration.ofMillis(1), PunctuationType.WALL_CLOCK_TIME, _ -> {
                fromPunctuator.forEach(context::forward);
                fromPunctuator.clear();
            });
        }

        @Override
        public void process(Record<String, String> record) {
            Objects.requireNonNull(out).forward(record);
        }
    }

    /** Makes processors that can be restarted from within the topology, on the store they have. */
    private final class RestartableSupplier implements ProcessorSupplier<String, String, Object, Object> {
        private final DurableStageSupplier<String, String, String> stages;

        RestartableSupplier(DurableStageSupplier<String, String, String> stages) {
            this.stages = stages;
        }

        @Override
        public Processor<String, String, Object, Object> get() {
            return new Restartable(stages);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return stages.stores();
        }
    }

    private final class Restartable implements Processor<String, String, Object, Object> {
        private final DurableStageSupplier<String, String, String> stages;
        private Processor<String, String, Object, Object> stage;
        private @Nullable ProcessorContext<Object, Object> context;

        Restartable(DurableStageSupplier<String, String, String> stages) {
            this.stages = stages;
            this.stage = stages.get();
        }

        @Override
        public void init(ProcessorContext<Object, Object> real) {
            context = counting(real);
            stage.init(context);
        }

        @Override
        public void process(Record<String, String> record) {
            boolean same = RESTART_SAME.equals(record.key());
            boolean crash = CRASH.equals(record.key());
            if (same || crash || RESTART_NEW.equals(record.key())) {
                stage.close();
                if (crash) {
                    undo(Objects.requireNonNull(context).getStateStore("pending"));
                }
                stage = same ? stage : stages.get();
                stage.init(context);
            } else {
                stage.process(record);
            }
        }

        @Override
        public void close() {
            stage.close();
        }
    }

    /** The context, but that it counts the punctuators that are scheduled and not cancelled. */
    @SuppressWarnings("unchecked")
    private ProcessorContext<Object, Object> counting(ProcessorContext<Object, Object> real) {
        return (ProcessorContext<Object, Object>) Proxy.newProxyInstance(
                StageHarness.class.getClassLoader(),
                new Class<?>[] {ProcessorContext.class},
                (_, method, arguments) -> {
                    if (method.getName().equals("schedule") && arguments != null) {
                        Punctuator punctuator = (Punctuator) arguments[2];
                        arguments[2] = (Punctuator) timestamp -> {
                            ticks++;
                            punctuator.punctuate(timestamp);
                        };
                    }
                    Object answer = invoke(real, method, arguments);
                    if (!(answer instanceof Cancellable cancellable)) {
                        return answer;
                    }
                    punctuators++;
                    return (Cancellable) () -> {
                        punctuators--;
                        cancellable.cancel();
                    };
                });
    }

    private static @Nullable Object invoke(Object real, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
