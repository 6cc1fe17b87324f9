package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stage with its own clients on a real broker. */
@ExtendWith(SharedBroker.class)
class StageClientsTest {
    private static final Duration LONG_POLL = Duration.ofSeconds(4);
    private static final AtomicInteger RUNS = new AtomicInteger();

    private final StageRuntime runtime = new StageRuntime();
    private final AtomicInteger results = new AtomicInteger();
    private final String topic = "stage-clients-" + RUNS.incrementAndGet();
    private final EmbeddedBroker broker;
    private KafkaProducer<String, String> producer;

    StageClientsTest(EmbeddedBroker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void createTopic() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", 0),
                new StringSerializer(),
                new StringSerializer());
    }

    @AfterEach
    void close() {
        producer.close();
        runtime.close();
    }

    @Test
    void shouldNotLetAResultWaitForTheEndOfAPoll() throws Exception {
        StageOptions options = StageOptions.of("calls", "pending", "results", "failures");
        try (KafkaStreams streams = start(options, Duration.ofMillis(300), "at_least_once", LONG_POLL)) {
            await().atMost(LONG_POLL.multipliedBy(4)).until(() -> streams.state() == KafkaStreams.State.RUNNING);
            long sent = System.nanoTime();
            var _ = producer.send(new ProducerRecord<>(topic, "key", "value"));
            await().atMost(LONG_POLL.multipliedBy(2)).until(() -> results.get() == 1);
            assertThat(Duration.ofNanos(System.nanoTime() - sent)).isLessThan(LONG_POLL);
        }
    }

    @Test
    void shouldForwardQuickResultsAndPollNoMoreOftenAfterwards() throws Exception {
        StageOptions options =
                StageOptions.of("calls", "pending", "results", "failures").withLingerForResult(Duration.ofMillis(1));
        try (KafkaStreams streams = start(options, Duration.ZERO, "at_least_once", LONG_POLL)) {
            await().atMost(LONG_POLL.multipliedBy(4)).until(() -> streams.state() == KafkaStreams.State.RUNNING);
            for (int i = 1; i <= 50; i++) {
                int sent = i;
                producer.send(new ProducerRecord<>(topic, "key", "value")).get();
                await().atMost(LONG_POLL)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> results.get() == sent);
            }
            double before = polls(streams);
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            assertThat(polls(streams) - before).isLessThan(100); // a tick each millisecond would be a thousand
        }
    }

    @Test
    void shouldPollSeldomWhileNothingComesAndGoOnWhenSomethingDoes() throws Exception {
        StageOptions options = StageOptions.of("calls", "pending", "results", "failures");
        Topology topology = topology(options, Duration.ofMillis(300))
                .addGlobalStore(
                        Stores.keyValueStoreBuilder(
                                        Stores.inMemoryKeyValueStore("global"), Serdes.String(), Serdes.String())
                                .withLoggingDisabled(),
                        "all",
                        new StringDeserializer(),
                        new StringDeserializer(),
                        global(),
                        "applied",
                        () -> new Ignoring());
        try (KafkaStreams streams = start(topology, "at_least_once", Duration.ofMillis(2))) {
            await().atMost(LONG_POLL.multipliedBy(4)).until(() -> streams.state() == KafkaStreams.State.RUNNING);
            producer.send(new ProducerRecord<>(topic, "key", "value")).get();
            await().atMost(LONG_POLL).until(() -> results.get() == 1);
            // A poll each two milliseconds would be five hundred, for either consumer.
            double[] before = {polls(streams)};
            int[] seldom = {0};
            await().atMost(LONG_POLL.multipliedBy(4))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        double now = polls(streams);
                        double sinceLast = now - before[0];
                        before[0] = now;
                        seldom[0] = sinceLast > 0 && sinceLast < 50 ? seldom[0] + 1 : 0;
                        return seldom[0] == 3;
                    });

            producer.send(new ProducerRecord<>(topic, "key", "value")).get();
            await().atMost(LONG_POLL).until(() -> results.get() == 2);
        }
    }

    @Test
    void shouldPunctuateInTimeAsLongAsAPunctuationHasSomethingToCommit() throws Exception {
        AtomicInteger ticks = new AtomicInteger();
        Topology ticking = new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), topic)
                .addProcessor("ticks", () -> new Ticking(ticks), "source");
        try (KafkaStreams streams = start(ticking, "exactly_once_v2", Duration.ofMillis(5))) {
            await().atMost(LONG_POLL.multipliedBy(4)).until(() -> streams.state() == KafkaStreams.State.RUNNING);
            await().pollDelay(LONG_POLL).until(() -> true); // longer than it takes to be idle
            int[] before = {ticks.get()};
            // Fifty would be in time, and five those of idle polls.
            await().atMost(LONG_POLL.multipliedBy(4))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        int now = ticks.get();
                        int sinceLast = now - before[0];
                        before[0] = now;
                        return sinceLast >= 15;
                    });
        }
    }

    private String global() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic + "-global", 1, (short) 1)))
                    .all()
                    .get();
        }
        return topic + "-global";
    }

    private static final class Ignoring implements Processor<String, String, Void, Void> {
        @Override
        public void process(Record<String, String> record) {
            // nothing comes
        }
    }

    /** Ticks fifty times a second. */
    private static final class Ticking implements Processor<String, String, String, String> {
        private final AtomicInteger ticks;

        Ticking(AtomicInteger ticks) {
            this.ticks = ticks;
        }

        @Override
        public void init(ProcessorContext<String, String> context) {
            context.schedule(Duration.ofMillis(20), PunctuationType.WALL_CLOCK_TIME, _ -> ticks.incrementAndGet());
        }

        @Override
        public void process(Record<String, String> record) {
            // nothing comes
        }
    }

    private static double polls(KafkaStreams streams) {
        return streams.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("poll-total"))
                .mapToDouble(metric -> (double) metric.metricValue())
                .sum();
    }

    @Test
    void shouldFetchNoMoreThanWasUnderWayWhileTheStageIsFull() throws Exception {
        int records = 400;
        for (int i = 0; i < records; i++) {
            var _ = producer.send(new ProducerRecord<>(topic, Integer.toString(i), "value"));
        }
        producer.flush();
        StageOptions options = StageOptions.of("calls", "pending", "results", "failures")
                .withMaxInFlight(2)
                .withMaxParked(4);
        AtomicInteger mostPending = new AtomicInteger();
        try (KafkaStreams streams = start(options, Duration.ofMillis(10), "exactly_once_v2", Duration.ofMillis(100))) {
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> {
                        mostPending.accumulateAndGet(runtime.metrics("calls").pending(), Math::max);
                        return results.get() == records;
                    });
            assertThat(streams.state()).isEqualTo(KafkaStreams.State.RUNNING);
        }
        // The stage's own, and what Kafka Streams had fetched: two polls and its buffer.
        assertThat(mostPending.get()).isBetween(6, 6 + 3 * 10);
        await().until(() -> runtime.metrics("calls").pausedTasks() == 0);
    }

    @ParameterizedTest
    @CsvSource({"at_least_once, 20", "exactly_once_v2, 0"})
    void shouldTellWhatKafkaHasTakenUnlessItIsNotCommittedThen(String guarantee, int told) throws Exception {
        int records = 20;
        String out = topic + "-out";
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(out, 1, (short) 1))).all().get();
        }
        List<Long> offsets = new CopyOnWriteArrayList<>();
        runtime.onArrival(out, (record, where) -> {
            assertThat(record.topic()).isEqualTo(where.topic());
            offsets.add(where.offset());
            throw new IllegalStateException("which is of no concern to the producer");
        });
        for (int i = 0; i < records; i++) {
            var _ = producer.send(new ProducerRecord<>(topic, Integer.toString(i), "value"));
        }
        StageOptions options = StageOptions.of("calls", "pending", "results", "failures");
        Topology topology = topology(options, Duration.ZERO)
                .addSink("out", out, new StringSerializer(), new StringSerializer(), "results");
        try (KafkaStreams _ = start(topology, guarantee, Duration.ofMillis(100))) {
            await().atMost(Duration.ofMinutes(1)).until(() -> isRead(out, records));
            await().until(() -> offsets.size() >= told); // what can be read may not be acknowledged yet
        }
        assertThat(offsets)
                .containsExactlyElementsOf(LongStream.range(0, told).boxed().toList());
    }

    private boolean isRead(String out, int records) {
        TopicPartition partition = new TopicPartition(out, 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return admin.listOffsets(
                                    Map.of(partition, OffsetSpec.latest()),
                                    new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                            .partitionResult(partition)
                            .get()
                            .offset()
                    >= records;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private KafkaStreams start(StageOptions options, Duration call, String guarantee, Duration poll) throws Exception {
        return start(topology(options, call), guarantee, poll);
    }

    private Topology topology(StageOptions options, Duration call) {
        return new Topology()
                .addSource("source", new StringDeserializer(), new StringDeserializer(), topic)
                .addProcessor(
                        "calls",
                        new DurableStageSupplier<>(
                                options, Serdes.String(), Serdes.String(), () -> new Slow(call), runtime),
                        "source")
                .addProcessor("results", () -> new Counting(results), "calls")
                .addProcessor("failures", () -> new Counting(new AtomicInteger()), "calls");
    }

    private KafkaStreams start(Topology topology, String guarantee, Duration poll) throws Exception {
        Properties properties = new Properties();
        properties.put("application.id", topic);
        properties.put("bootstrap.servers", broker.bootstrapServers());
        properties.put("processing.guarantee", guarantee);
        properties.put("poll.ms", poll.toMillis());
        properties.put("auto.offset.reset", "earliest");
        properties.put("buffered.records.per.partition", 10);
        properties.put("main.consumer.max.poll.records", 10);
        properties.put(
                "state.dir",
                Files.createTempDirectory(Files.createDirectories(Path.of("target", "streams-stage")), "clients")
                        .toString());
        KafkaStreams streams = new KafkaStreams(topology, properties, runtime.clients());
        streams.start();
        return streams;
    }

    @SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
    private static final class Counting implements Processor<Object, Object, Object, Object> {
        private final AtomicInteger count;
        private ProcessorContext<Object, Object> context;

        Counting(AtomicInteger count) {
            this.count = count;
        }

        @Override
        public void init(ProcessorContext<Object, Object> newContext) {
            context = newContext;
        }

        @Override
        public void process(Record<Object, Object> record) {
            count.incrementAndGet();
            context.forward(record);
        }
    }

    private record Slow(Duration call) implements StageFunction<String, String, String> {
        @Override
        public Step<String> prepare(String key, String value, Headers headers, int attempt) {
            return new Step.Call<>(_ -> {
                Thread.sleep(call);
                return value;
            });
        }
    }
}
