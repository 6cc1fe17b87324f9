package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.embedding.Embedder;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.kafka.Topics;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.SchemaRegistration;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.StreamsProperties;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyFiles;
import io.penstock.topology.TopologyHost;
import io.penstock.vector.LocalRetriever;
import io.penstock.vector.Retriever;
import io.penstock.vector.VectorIndexSettings;
import io.penstock.vector.VectorIndexTopology;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/** The vector index as the application hosts it, on a broker in another process: chunks go in, and are searched. */
final class IndexRig implements AutoCloseable {
    static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path folder;
    private final EmbeddedRegistry registry;
    private final StageRuntime calls = new StageRuntime();
    private final TopologyHost host;
    private final TopologyDefinition definition;
    private final VectorIndexTopology topology;
    private final Sender sender;
    private final AvroSerdes serdes;

    IndexRig(Path folder, String bootstrapServers, String model) {
        this.folder = folder;
        KafkaSettings kafka = new KafkaSettings(bootstrapServers, Map.of(), (short) 1);
        try (Admin admin = Admin.create(kafka.admin())) {
            List<TopicSpec> topics = new ArrayList<>(FixedTopics.of(PARTITIONS, List.of(VectorIndexTopology.NAME)));
            topics.add(FixedTopics.schemas());
            new KafkaProvisioner(admin, (short) 1).ensure(topics);
        }
        registry = EmbeddedRegistry.start(kafka);
        new SchemaRegistration(registry).registerAll(PATIENCE);
        serdes = new AvroSerdes(registry);
        sender = new Sender(kafka, serdes);
        definition = Objects.requireNonNull(
                TopologyFiles.read(Path.of("topologies")).definitions().get(VectorIndexTopology.NAME));
        host = new TopologyHost(of -> StreamsProperties.of(of, kafka, folder), calls.clients());
        topology = new VectorIndexTopology(serdes, InstantSource.system(), VectorIndexSettings.forModel(model));
    }

    Sender sender() {
        return sender;
    }

    /**
     * Starts the index on what lies on its topic, and returns when it has applied all of it.
     *
     * @return chunks a second, from the first that was applied to the last
     */
    double build(int chunks) throws InterruptedException {
        host.start(definition, topology::build);
        while (topology.activity().indexed() == 0) {
            Thread.sleep(1);
        }
        long begin = System.nanoTime();
        long before = topology.activity().indexed();
        while (topology.activity().indexed() < chunks) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IllegalStateException("only " + topology.activity().indexed() + " of " + chunks
                        + " chunks were indexed in " + PATIENCE);
            }
            Thread.sleep(1);
        }
        return (chunks - before) / ((System.nanoTime() - begin) / 1e9);
    }

    /** Returns when so many chunks were applied since the start. */
    void await(long chunks) {
        Awaitility.await("the chunks are indexed")
                .atMost(PATIENCE)
                .until(() -> topology.activity().indexed() >= chunks);
    }

    Retriever retriever(Embedder embedder) {
        return new LocalRetriever(() -> host.streams(VectorIndexTopology.NAME), embedder, PARTITIONS, _ -> true);
    }

    /** Where the stores of this application are. */
    Path state() {
        return folder.resolve(definition.applicationId());
    }

    @Override
    public void close() {
        host.close(List.of(), Duration.ofSeconds(20));
        sender.close();
        calls.close();
        registry.close();
    }

    /** Writes chunks to their topic, in turns to its partitions. */
    static final class Sender implements AutoCloseable {
        private final AvroCodec<Chunk> codec;
        private final Producer<byte[], byte[]> producer;

        Sender(KafkaSettings kafka, AvroSerdes serdes) {
            codec = serdes.codec(Chunk.class);
            producer = new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
        }

        void send(MixedChunks chunks, int number) {
            var _ = producer.send(new ProducerRecord<>(
                    Topics.CHUNK,
                    number % PARTITIONS,
                    chunks.id(number).getBytes(UTF_8),
                    codec.encode(Topics.CHUNK, chunks.chunk(number))));
        }

        void flush() {
            producer.flush();
        }

        @Override
        public void close() {
            producer.close();
        }
    }
}
