package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.kafka.KafkaSettings;
import io.penstock.stage.DurableStageSupplier;
import io.penstock.stage.FailedCall;
import io.penstock.stage.StageMetrics;
import io.penstock.stage.StageOptions;
import io.penstock.stage.StageOrder;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.Guarantee;
import io.penstock.topology.StreamsProperties;
import io.penstock.topology.TopologyDefinition;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Two durable stages as the application has them, to be killed: {@code free} like capture (no order, pending in memory) and {@code
 * ordered} like enrichment (order per key, pending on disk). Says what it goes through, a line each: {@code state NAME}, {@code
 * restoring}, {@code failed WHY}. The order {@code pending} is answered by {@code pending COUNT}. Ends with its input.
 */
public final class StageProgram {
    static final String CALLS = "calls.txt";

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private StageProgram() {}

    /** @param arguments bootstrap servers, application id, guarantee, folder, milliseconds after which a call has timed out */
    public static void main(String... arguments) throws Exception {
        Path folder = Path.of(arguments[3]);
        Duration callTimeout = Duration.ofMillis(Long.parseLong(arguments[4]));
        StageRuntime runtime = new StageRuntime();
        try (OutputStream calls = new FileOutputStream(folder.resolve(CALLS).toFile(), true);
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            Topology topology = topology(SoakTopics.of(arguments[1]), calls, callTimeout, runtime);
            KafkaStreams streams = new KafkaStreams(
                    topology, properties(arguments[0], arguments[1], arguments[2], folder), runtime.clients());
            streams.setStateListener((state, before) -> System.out.println("state " + state));
            streams.setGlobalStateRestoreListener(new Announced());
            streams.setUncaughtExceptionHandler(failure -> {
                System.out.println("failed " + failure.toString().replace('\n', ' '));
                return StreamThreadExceptionResponse.REPLACE_THREAD;
            });
            streams.start();
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                System.out.println("pending "
                        + runtime.metrics().stream()
                                .mapToLong(StageMetrics::pending)
                                .sum());
            }
            runtime.close();
            streams.close(CloseOptions.timeout(STOP_PATIENCE)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        }
    }

    /** What the application sets for its topologies. */
    private static Properties properties(String bootstrapServers, String application, String guarantee, Path folder) {
        TopologyDefinition definition = new TopologyDefinition(
                application,
                application,
                guarantee.equals(Guarantee.EXACTLY_ONCE_V2.text())
                        ? Guarantee.EXACTLY_ONCE_V2
                        : Guarantee.AT_LEAST_ONCE,
                1,
                "all",
                "",
                Map.of("commit.interval.ms", "100"),
                "the soak");
        return StreamsProperties.of(
                definition, new KafkaSettings(bootstrapServers, Map.of(), (short) 1), folder.resolve("streams"));
    }

    private static Topology topology(
            SoakTopics topics, OutputStream calls, Duration callTimeout, StageRuntime runtime) {
        Topology topology = new Topology();
        StageOptions free = options("free", callTimeout);
        add(topology, topics.free(), free, calls, runtime);
        StageOptions ordered =
                options("ordered", callTimeout).withOrder(StageOrder.PER_KEY).withPendingOnDisk();
        add(topology, topics.ordered(), ordered, calls, runtime);
        topology.addSink(
                "outcome",
                topics.outcome(),
                new StringSerializer(),
                new StringSerializer(),
                free.resultChild(),
                ordered.resultChild(),
                free.failureChild(),
                ordered.failureChild());
        topology.addSink(
                "dead",
                topics.dead(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                free.failureChild(),
                ordered.failureChild());
        return topology;
    }

    private static StageOptions options(String name, Duration callTimeout) {
        return StageOptions.of(name, name + "-pending", name + "-results", name + "-failures")
                .withMaxInFlight(16)
                .withMaxParked(48)
                .withCallTimeout(callTimeout)
                .withAttempts(Work.MAX_ATTEMPTS, Duration.ofMillis(100), Duration.ofSeconds(1));
    }

    private static void add(
            Topology topology, String topic, StageOptions options, OutputStream calls, StageRuntime runtime) {
        String source = options.name() + "-source";
        topology.addSource(source, new StringDeserializer(), new StringDeserializer(), topic);
        topology.addProcessor(
                options.name(),
                new DurableStageSupplier<>(
                        options, Serdes.String(), Serdes.String(), () -> new ScriptedCalls(calls), runtime),
                source);
        topology.addProcessor(options.resultChild(), Passing::new, options.name());
        topology.addProcessor(options.failureChild(), () -> new Burying(options.name()), options.name());
    }

    private static final class Passing extends ContextualProcessor<String, String, Object, Object> {
        @Override
        public void process(Record<String, String> result) {
            context()
                    .forward(new Record<Object, Object>(
                            result.key(), result.value(), result.timestamp(), result.headers()));
        }
    }

    /** As the application does it: the original bytes and headers, and what went wrong in further headers. */
    private static final class Burying extends ContextualProcessor<String, FailedCall<String>, Object, Object> {
        private final String stage;

        Burying(String stage) {
            this.stage = stage;
        }

        @Override
        public void process(Record<String, FailedCall<String>> failure) {
            FailedCall<String> failed = failure.value();
            DeadLetter.of(failed, stage)
                    .forward(
                            context(),
                            "dead",
                            failure.key().getBytes(UTF_8),
                            failed.value().getBytes(UTF_8),
                            failure.timestamp(),
                            failure.headers());
            context()
                    .forward(
                            new Record<Object, Object>(
                                    failure.key(),
                                    Work.parse(failed.value()).outcome(failed.attempts()),
                                    failure.timestamp(),
                                    failure.headers()),
                            "outcome");
        }
    }

    /** A kill is aimed at restores, so those that have something to restore are announced. */
    private static final class Announced implements StateRestoreListener {
        private final AtomicLong restores = new AtomicLong();

        @Override
        public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
            if (to > from) {
                System.out.println("restoring " + restores.incrementAndGet());
            }
        }

        @Override
        public void onBatchRestored(TopicPartition partition, String store, long end, long count) {}

        @Override
        public void onRestoreEnd(TopicPartition partition, String store, long total) {}
    }
}
