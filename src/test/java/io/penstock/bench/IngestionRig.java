package io.penstock.bench;

import io.penstock.catalog.FakeCatalog;
import io.penstock.embedding.Embedder;
import io.penstock.ingest.ChunkingSettings;
import io.penstock.ingest.IngestionCounters;
import io.penstock.ingest.VectorIngestionTopology;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;

/**
 * The ingestion topology as the application hosts it, on a broker in another process: inferences go in, committed chunks come
 * out. Used by one thread.
 */
final class IngestionRig implements AutoCloseable {
    private static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final EmbeddedRegistry registry;
    private final AvroCodec<Chunk> chunks;
    private final StageRuntime calls = new StageRuntime();
    private final TopologyHost host;
    private final Inferences inferences;
    private final CompletedDocuments completed;

    IngestionRig(Path folder, String bootstrapServers, Embedder embedder, int sessions) {
        KafkaSettings kafka = new KafkaSettings(bootstrapServers, Map.of(), (short) 1);
        try (Admin admin = Admin.create(kafka.admin())) {
            List<TopicSpec> topics = new ArrayList<>(FixedTopics.of(PARTITIONS, List.of(VectorIngestionTopology.NAME)));
            topics.add(FixedTopics.schemas());
            new KafkaProvisioner(admin, (short) 1).ensure(topics);
        }
        registry = EmbeddedRegistry.start(kafka);
        new SchemaRegistration(registry).registerAll(PATIENCE);
        AvroSerdes serdes = new AvroSerdes(registry);
        chunks = serdes.codec(Chunk.class);
        TopologyDefinition definition = Objects.requireNonNull(
                TopologyFiles.read(Path.of("topologies")).definitions().get(VectorIngestionTopology.NAME));
        host = new TopologyHost(of -> StreamsProperties.of(of, kafka, folder), calls.clients());
        host.start(
                definition,
                () -> new VectorIngestionTopology(
                                serdes,
                                embedder,
                                ChunkingSettings.defaults(),
                                new FakeCatalog(),
                                calls,
                                new IngestionCounters(),
                                sessions)
                        .build());
        Awaitility.await("the topology works").atMost(PATIENCE).until(host::allReady);
        inferences = new Inferences(kafka, serdes);
        completed = new CompletedDocuments(kafka);
    }

    /**
     * Ingests documents that nothing is known of, and returns when the last chunk of the last one can be read.
     *
     * @param run name of this run, which no other has
     * @param seen given each chunk
     * @return seconds from the first record sent to the last chunk read
     */
    double ingest(String run, List<RealTexts.Document> documents, Consumer<Chunk> seen) throws Exception {
        long begin = System.nanoTime();
        inferences.send(run, documents);
        int complete = 0;
        while (complete < documents.size()) {
            complete += completed.more(run, Duration.ofSeconds(1), chunk -> seen.accept(chunks.decode(chunk)));
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "only " + complete + " of " + documents.size() + " documents were ingested in " + PATIENCE);
            }
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    @Override
    public void close() {
        calls.close();
        host.close(List.of(), Duration.ofSeconds(10));
        inferences.close();
        completed.close();
        registry.close();
    }
}
