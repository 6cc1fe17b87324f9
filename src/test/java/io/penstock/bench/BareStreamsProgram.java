package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * What one would write without Penstock: for each topic a Kafka topic and a {@code KafkaStreams} instance of the shape of an
 * enrichment (a source, a processor with two stores, a sink; exactly once; one thread), with Kafka's own settings. Each line of
 * input creates one; the answer is how many milliseconds that took until the instance was RUNNING.
 */
final class BareStreamsProgram {
    private static final int PARTITIONS = 4;
    private static final String OUTPUT = "bare-output";

    private final String bootstrapServers;
    private final String folder;
    private final List<KafkaStreams> instances = new ArrayList<>();

    private BareStreamsProgram(String bootstrapServers, String folder) {
        this.bootstrapServers = bootstrapServers;
        this.folder = folder;
    }

    public static void main(String... arguments) throws Exception {
        Logs.warningsOnly();
        BareStreamsProgram program = new BareStreamsProgram(arguments[0], arguments[1]);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", program.bootstrapServers));
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            program.createTopic(admin, OUTPUT);
            System.out.println("ready");
            for (String name = orders.readLine(); name != null; name = orders.readLine()) {
                long begin = System.nanoTime();
                program.create(admin, name);
                System.out.printf(Locale.ROOT, "%.3f%n", (System.nanoTime() - begin) / 1e6);
            }
        }
        System.exit(0); // the instances end with the process, as nothing is to be kept
    }

    private void create(Admin admin, String name) throws Exception {
        createTopic(admin, "bare-raw-" + name);
        KafkaStreams streams = new KafkaStreams(topology("bare-raw-" + name), properties(name));
        CountDownLatch running = new CountDownLatch(1);
        streams.setStateListener((state, before) -> {
            if (state == KafkaStreams.State.RUNNING) {
                running.countDown();
            }
        });
        streams.start();
        if (!running.await(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException(name + " is " + streams.state());
        }
        instances.add(streams);
    }

    private void createTopic(Admin admin, String topic) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty())))
                .all()
                .get();
    }

    private Properties properties(String name) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "bare-" + name);
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, folder);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        return properties;
    }

    private static Topology topology(String source) {
        return new Topology()
                .addSource(
                        "source",
                        Serdes.String().deserializer(),
                        Serdes.ByteArray().deserializer(),
                        source)
                .addProcessor("work", Work::new, "source")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore("enriched"), Serdes.String(), Serdes.ByteArray()),
                        "work")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore("pending"), Serdes.String(), Serdes.ByteArray()),
                        "work")
                .addSink(
                        "sink",
                        OUTPUT,
                        Serdes.String().serializer(),
                        Serdes.ByteArray().serializer(),
                        "work");
    }

    private static final class Work extends ContextualProcessor<String, byte[], String, byte[]> {
        @Override
        public void process(Record<String, byte[]> message) {
            KeyValueStore<String, byte[]> enriched = context().getStateStore("enriched");
            enriched.put(message.key(), message.value());
            context().forward(message);
        }
    }
}
