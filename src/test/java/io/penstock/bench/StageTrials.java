package io.penstock.bench;

import io.penstock.kafka.KafkaSettings;
import io.penstock.stage.DurableStageSupplier;
import io.penstock.stage.StageFunction;
import io.penstock.stage.StageOptions;
import io.penstock.stage.StageRuntime;
import io.penstock.stage.Step;
import io.penstock.topology.Guarantee;
import io.penstock.topology.StreamsProperties;
import io.penstock.topology.TopologyDefinition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** Runs a call for each record of a topic, through the stage or blocking, with the settings of Penstock's own topologies. */
final class StageTrials implements AutoCloseable {
    static final Duration CALL = Duration.ofMillis(50);
    static final int AT_ONCE = 200;
    static final int BYTES = 2048;

    /** Calls per second that so many at once could reach if nothing else took time. */
    static final double CEILING = AT_ONCE * 1e9 / CALL.toNanos();

    static final List<Guarantee> GUARANTEES = List.of(Guarantee.AT_LEAST_ONCE, Guarantee.EXACTLY_ONCE_V2);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(20);
    private static final int WARM_UP_SECONDS = 5;

    private final KafkaSettings kafka;
    private final Path folder;
    private final Admin admin;
    private final Producer<String, byte[]> producer;
    private final Set<String> backlogs = new HashSet<>();
    private int trials;

    StageTrials(String bootstrapServers, Path folder) {
        this.kafka = new KafkaSettings(bootstrapServers, Map.of(), (short) 1);
        this.folder = folder;
        this.admin = Admin.create(kafka.admin());
        Map<String, Object> settings = new HashMap<>(kafka.producer());
        settings.put("linger.ms", 0);
        this.producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /** The same measured of the stage and of the topology that blocks. */
    record Compared(Guarantee guarantee, Samples stage, Samples blocking) {}

    /** How the call is made. */
    enum Kind {
        STAGE,
        BLOCKING
    }

    /** A topic with so many records. */
    private String backlog(int count) throws Exception {
        String topic = "backlog-" + count;
        if (!backlogs.add(topic)) {
            return topic;
        }
        createTopic(topic);
        byte[] value = new byte[BYTES];
        for (int i = 0; i < count; i++) {
            ByteBuffer.wrap(value).putInt(i);
            var _ = producer.send(new ProducerRecord<>(topic, Integer.toString(i), value.clone()));
        }
        producer.flush();
        return topic;
    }

    /** Calls per second, from the start of the first one until the last result was read as committed. */
    double perSecond(Kind kind, Guarantee guarantee, int count) throws Exception {
        String output = "output-" + trials;
        createTopic(output);
        String input = backlog(count);
        Calls calls = new Calls();
        try (KafkaConsumer<String, byte[]> results = consumer(output);
                Run run = start(kind, guarantee, input, output, calls)) {
            run.awaitRunning();
            int seen = 0;
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (seen < count) {
                seen += results.poll(Duration.ofMillis(100)).count();
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(seen + " of " + count + " results came");
                }
            }
            return seen * 1e9 / (System.nanoTime() - calls.firstStart.get());
        }
    }

    /** What is added to each call when records come one by one, in milliseconds; all of them run side by side. */
    List<Compared> latency(int seconds) throws Exception {
        List<Lane> lanes = new ArrayList<>();
        try {
            for (Guarantee guarantee : GUARANTEES) {
                lanes.add(new Lane(Kind.STAGE, guarantee));
                lanes.add(new Lane(Kind.BLOCKING, guarantee));
            }
            for (int second = 0; second < seconds + WARM_UP_SECONDS; second++) {
                for (Lane lane : lanes) {
                    lane.sendAndAwait(second >= WARM_UP_SECONDS);
                    TimeUnit.MILLISECONDS.sleep(1000 / lanes.size() - 2L * CALL.toMillis());
                }
            }
            List<Compared> compared = new ArrayList<>();
            for (int i = 0; i < GUARANTEES.size(); i++) {
                compared.add(new Compared(
                        GUARANTEES.get(i),
                        Samples.of(lanes.get(2 * i).addedMs),
                        Samples.of(lanes.get(2 * i + 1).addedMs)));
            }
            return compared;
        } finally {
            lanes.forEach(Lane::close);
        }
    }

    /** One topology with a topic of its own, fed slowly. */
    private final class Lane implements AutoCloseable {
        private final String input;
        private final KafkaConsumer<String, byte[]> results;
        private final Run run;
        private final List<Double> addedMs = new ArrayList<>();

        Lane(Kind kind, Guarantee guarantee) throws Exception {
            this.input = "slow-input-" + trials;
            String output = "slow-output-" + trials;
            createTopic(input);
            createTopic(output);
            results = consumer(output);
            run = start(kind, guarantee, input, output, new Calls());
            run.awaitRunning();
        }

        void sendAndAwait(boolean counts) {
            long sent = System.nanoTime();
            var _ = producer.send(new ProducerRecord<>(input, "key", new byte[BYTES]));
            long deadline = sent + PATIENCE.toNanos();
            while (results.poll(Duration.ofMillis(100)).isEmpty()) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("no result came from " + input);
                }
            }
            if (counts) {
                addedMs.add((System.nanoTime() - sent - CALL.toNanos()) / 1e6);
            }
        }

        @Override
        public void close() {
            run.close();
            results.close();
        }
    }

    /** A running topology. */
    private record Run(KafkaStreams streams, StageRuntime runtime, CountDownLatch running) implements AutoCloseable {
        void awaitRunning() throws InterruptedException {
            if (!running.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("a topology is " + streams.state());
            }
        }

        @Override
        public void close() {
            runtime.close();
            if (!streams.close(CLOSE_PATIENCE)) {
                throw new IllegalStateException("a topology did not close");
            }
            streams.cleanUp();
        }
    }

    private Run start(Kind kind, Guarantee guarantee, String input, String output, Calls calls) {
        String name = "trial-" + trials++;
        TopologyDefinition definition = new TopologyDefinition(
                name, name, guarantee, 1, "all", "", Map.of("commit.interval.ms", "100"), "the benchmark");
        StageRuntime runtime = new StageRuntime();
        KafkaStreams streams = new KafkaStreams(
                topology(kind, input, output, calls, runtime),
                StreamsProperties.of(definition, kafka, folder),
                runtime.clients());
        CountDownLatch running = new CountDownLatch(1);
        streams.setStateListener((state, _) -> {
            if (state == KafkaStreams.State.RUNNING) {
                running.countDown();
            }
        });
        streams.start();
        return new Run(streams, runtime, running);
    }

    private static Topology topology(Kind kind, String input, String output, Calls calls, StageRuntime runtime) {
        Topology topology =
                new Topology().addSource("source", new StringDeserializer(), new ByteArrayDeserializer(), input);
        if (kind == Kind.BLOCKING) {
            topology.addProcessor("calls", () -> new Blocking(calls), "source");
        } else {
            StageOptions options = StageOptions.of("calls", "pending", "results", "failures")
                    .withMaxInFlight(AT_ONCE)
                    .withMaxParked(AT_ONCE);
            topology.addProcessor(
                    "calls",
                    new DurableStageSupplier<>(options, Serdes.String(), Serdes.ByteArray(), () -> calls, runtime),
                    "source");
        }
        return topology.addProcessor("results", Through::new, "calls")
                .addProcessor("failures", Through::new, "calls")
                .addSink("sink", output, new StringSerializer(), new ByteArraySerializer(), "results");
    }

    private static final class Through extends ContextualProcessor<String, byte[], String, byte[]> {
        @Override
        public void process(Record<String, byte[]> result) {
            context().forward(result);
        }
    }

    /** The call: takes its time and returns what it was given. */
    private static final class Calls implements StageFunction<String, byte[], byte[]> {
        private final AtomicLong firstStart = new AtomicLong();

        byte[] call(byte[] value) throws InterruptedException {
            firstStart.compareAndSet(0, System.nanoTime());
            Thread.sleep(CALL);
            return value;
        }

        @Override
        public Step<byte[]> prepare(String key, byte[] value, Headers headers, int attempt) {
            return new Step.Call<>(_ -> call(value));
        }
    }

    /** What one would write without a stage. */
    private static final class Blocking extends ContextualProcessor<String, byte[], String, byte[]> {
        private final Calls calls;

        Blocking(Calls calls) {
            this.calls = calls;
        }

        @Override
        public void process(Record<String, byte[]> message) {
            try {
                context().forward(message.withValue(calls.call(message.value())), "results");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private KafkaConsumer<String, byte[]> consumer(String topic) {
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer("earliest"), new StringDeserializer(), new ByteArrayDeserializer());
        consumer.assign(List.of(new TopicPartition(topic, 0)));
        return consumer;
    }

    private void createTopic(String name) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty())))
                .all()
                .get();
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
    }
}
