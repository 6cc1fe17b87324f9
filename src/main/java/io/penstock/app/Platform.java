package io.penstock.app;

import io.penstock.alert.AlertFanoutTopology;
import io.penstock.broker.EmbeddedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.RemoteRegistry;
import io.penstock.serde.SchemaRegistration;
import io.penstock.serde.SchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all topologies stand on: a broker and a registry, embedded or not, the fixed Kafka topics, and clients. */
final class Platform implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Platform.class);
    private static final short ONE_REPLICA = 1;
    private static final short BROKERS_CHOICE = -1;
    private static final int TRANSACTION_MS = 10_000;
    private static final int BLOCK_MS = 20_000;
    private static final int CLUSTER_ID_SECONDS = 10;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);
    private static final Duration REGISTRY_PATIENCE = Duration.ofMinutes(2);

    private final @Nullable EmbeddedBroker broker;
    private final @Nullable EmbeddedRegistry embeddedRegistry;
    private final @Nullable RemoteRegistry remoteRegistry;
    private final KafkaSettings kafka;
    private final Admin admin;
    private final KafkaProvisioner provisioner;
    private final SchemaRegistry registry;
    private final AvroSerdes serdes;
    private final Producer<byte[], byte[]> producer;

    private Platform(
            @Nullable EmbeddedBroker broker,
            KafkaSettings kafka,
            Admin admin,
            KafkaProvisioner provisioner,
            @Nullable EmbeddedRegistry embeddedRegistry,
            @Nullable RemoteRegistry remoteRegistry,
            SchemaRegistry registry,
            AvroSerdes serdes) {
        this.broker = broker;
        this.kafka = kafka;
        this.admin = admin;
        this.provisioner = provisioner;
        this.embeddedRegistry = embeddedRegistry;
        this.remoteRegistry = remoteRegistry;
        this.registry = registry;
        this.serdes = serdes;
        this.producer = new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Starts what is embedded, connects to what is not, makes the fixed Kafka topics and registers all schemas.
     *
     * @param clientSettings properties named {@code kafka.*} and, for a real registry, {@code schema.registry.*},
     *     {@code basic.auth.*} and {@code bearer.auth.*}
     * @param topologies that have a topic for dead letters
     */
    static Platform start(
            PenstockSettings settings, DataFolder folder, Map<String, String> clientSettings, List<String> topologies) {
        EmbeddedBroker broker = null;
        KafkaSettings kafka;
        if (settings.bootstrapServers().isPresent()) {
            kafka = KafkaSettings.fromProperties(settings.bootstrapServers().get(), clientSettings, BROKERS_CHOICE);
        } else {
            // Kafka opens files that an interrupt would close under it.
            broker = Aside.join(Aside.start("kafka", () -> EmbeddedBroker.start(folder.kafka(), settings.kafkaPort())));
            kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), ONE_REPLICA);
        }
        try {
            return connect(settings, broker, kafka, clientSettings, topologies);
        } catch (RuntimeException e) {
            boolean interrupted = Thread.interrupted(); // which would cut closing short
            if (broker != null) {
                broker.close();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            throw e;
        }
    }

    private static Platform connect(
            PenstockSettings settings,
            @Nullable EmbeddedBroker broker,
            KafkaSettings kafka,
            Map<String, String> clientSettings,
            List<String> topologies) {
        LOG.info("Kafka at {}{}", kafka.bootstrapServers(), broker == null ? "" : " (embedded)");
        Admin admin = Admin.create(kafka.admin());
        KafkaProvisioner provisioner = new KafkaProvisioner(admin, kafka.replicationFactor());
        List<TopicSpec> topics = new ArrayList<>(FixedTopics.of(settings.partitions(), topologies));
        topics.add(TopicSpec.kept(AlertFanoutTopology.BY_ID_TOPIC, settings.partitions(), Duration.ofDays(7)));
        EmbeddedRegistry embedded = null;
        RemoteRegistry remote = null;
        if (settings.registryUrl().isEmpty()) {
            topics.add(FixedTopics.schemas());
        }
        provisioner.ensure(topics);
        if (settings.registryUrl().isPresent()) {
            Map<String, String> config = new HashMap<>(clientSettings);
            config.put("schema.registry.url", settings.registryUrl().get());
            remote = new RemoteRegistry(config);
        } else {
            embedded = EmbeddedRegistry.start(kafka);
        }
        SchemaRegistry registry = embedded == null ? java.util.Objects.requireNonNull(remote) : embedded;
        new SchemaRegistration(registry).registerAll(REGISTRY_PATIENCE);
        AvroSerdes serdes = settings.registryUrl().isPresent()
                ? serdes(registry, settings.registryUrl().get(), clientSettings)
                : new AvroSerdes(registry);
        return new Platform(broker, kafka, admin, provisioner, embedded, remote, registry, serdes);
    }

    /** Penstock's own serdes, or those of a class that the user names. */
    private static AvroSerdes serdes(SchemaRegistry registry, String url, Map<String, String> clientSettings) {
        String serde = clientSettings.get("schema.registry.serde");
        if (serde == null || serde.isBlank()) {
            return new AvroSerdes(registry);
        }
        Map<String, String> config = new HashMap<>(clientSettings);
        config.put("schema.registry.url", url);
        config.putIfAbsent("auto.register.schemas", "false"); // all are registered by now
        String jars = clientSettings.getOrDefault("schema.registry.serde.jars", "");
        LOG.info("Records are written and read by {}", serde);
        return AvroSerdes.of(serde, config, jars);
    }

    KafkaSettings kafka() {
        return kafka;
    }

    Admin admin() {
        return admin;
    }

    /** The id that the brokers gave the cluster when it was made. */
    String clusterId() {
        try {
            return admin.describeCluster().clusterId().get(CLUSTER_ID_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PenstockException(ErrorCode.NOT_READY, "Stopped while asking Kafka for its id.", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new PenstockException(
                    ErrorCode.NOT_READY, "Kafka does not say its cluster's id: " + e.getMessage(), e);
        }
    }

    KafkaProvisioner provisioner() {
        return provisioner;
    }

    SchemaRegistry registry() {
        return registry;
    }

    Optional<EmbeddedRegistry> embeddedRegistry() {
        return Optional.ofNullable(embeddedRegistry);
    }

    AvroSerdes serdes() {
        return serdes;
    }

    /** Shared by all who write without a transaction; may be used from any thread. */
    Producer<byte[], byte[]> producer() {
        return producer;
    }

    /** Without a group; reads committed records. */
    Consumer<byte[], byte[]> consumer(String autoOffsetReset) {
        return consumer(kafka.consumer(autoOffsetReset));
    }

    /** With settings that were made of {@link #kafka()}. */
    Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    Producer<byte[], byte[]> transactionalProducer(String transactionalId) {
        Map<String, Object> config = new HashMap<>(kafka.producer());
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        // What a crash leaves open holds up every reader of committed records for so long.
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MS);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MS); // a caller waits for it
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void close() {
        try {
            producer.close(CLOSE_PATIENCE);
            if (embeddedRegistry != null) {
                embeddedRegistry.close();
            }
            if (remoteRegistry != null) {
                remoteRegistry.close();
            }
            admin.close(CLOSE_PATIENCE);
        } finally {
            if (broker != null) {
                broker.close(); // or the next start takes it for one that has crashed
            }
        }
    }
}
