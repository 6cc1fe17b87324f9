package io.penstock.app;

import io.penstock.answer.AnswerSettings;
import io.penstock.capture.CaptureSettings;
import io.penstock.catalog.CatalogTable;
import io.penstock.catalog.CatalogTopology;
import io.penstock.chat.ChatBridge;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.enrich.EnrichmentFleet;
import io.penstock.enrich.EnrichmentTopology;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.CatalogGateway;
import io.penstock.gateway.CollectGateway;
import io.penstock.gateway.Deletions;
import io.penstock.gateway.Gateways;
import io.penstock.gateway.KafkaTopicResources;
import io.penstock.gateway.ProcessorGateway;
import io.penstock.gateway.SeedApplier;
import io.penstock.kafka.Topics;
import io.penstock.processor.ProcessorConfigReader;
import io.penstock.processor.ProcessorTable;
import io.penstock.query.DeadLetterQueries;
import io.penstock.query.StoreQueries;
import io.penstock.run.RunsTopology;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.Chunk;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.Run;
import io.penstock.schema.RunState;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.seed.SeedFiles;
import io.penstock.seed.SeedProblem;
import io.penstock.seed.Seeds;
import io.penstock.serde.AnyAvro;
import io.penstock.serde.AvroCodec;
import io.penstock.table.ChangeSignal;
import io.penstock.table.GlobalTable;
import io.penstock.table.PatientStore;
import io.penstock.table.TableWriter;
import io.penstock.topology.HostedTopology;
import io.penstock.topology.LocalState;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyFiles;
import io.penstock.topology.TopologyHost;
import io.penstock.vector.LocalRetriever;
import io.penstock.vector.Retriever;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Penstock, put together: starts everything in order, and stops it in the opposite one. What is started later may use what was
 * started before.
 */
final class Penstock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Penstock.class);
    private static final Duration TABLE_PATIENCE = Duration.ofSeconds(5);
    private static final Duration READY_PATIENCE = Duration.ofMinutes(2);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(4);

    private final PenstockSettings settings;
    private final InstantSource clock = InstantSource.system();
    private final Deque<AutoCloseable> started;
    private final Map<String, String> configFaults = new TreeMap<>();
    private final TopologyFiles.Loaded files;
    private final Platform platform;
    private final TopologyHost host;
    private final CatalogTable catalog;
    private final ProcessorTable processors;
    private final CatalogGateway catalogGateway;
    private final CollectGateway collectGateway;
    private final ProcessorGateway processorGateway;
    private final StoreQueries stores;
    private final DeadLetterQueries deadLetters;
    private final Retriever retriever;
    private final @Nullable ChatBridge chat;
    private final Topologies topologies;
    private final OnnxEmbedder embedder;

    /**
     * Starts everything and returns when it works. A start that fails, or is interrupted, leaves nothing running.
     *
     * @param clientSettings of Kafka and registry clients, for those that are not embedded
     */
    static Penstock start(PenstockSettings settings, DataFolder folder, Map<String, String> clientSettings)
            throws InterruptedException {
        Deque<AutoCloseable> started = new ArrayDeque<>();
        try {
            return new Penstock(settings, folder, clientSettings, started);
        } catch (InterruptedException | RuntimeException e) {
            closeAll(started);
            throw e;
        }
    }

    private Penstock(
            PenstockSettings settings,
            DataFolder folder,
            Map<String, String> clientSettings,
            Deque<AutoCloseable> started)
            throws InterruptedException {
        this.started = started;
        this.settings = settings;
        this.files = TopologyFiles.read(settings.topologies());
        files.faults().values().forEach(fault -> LOG.error("{}: this topology does not run", fault));
        // The model takes seconds to load and the broker to start: side by side.
        CompletableFuture<OnnxEmbedder> model = CompletableFuture.supplyAsync(
                () -> OnnxEmbedder.open(EmbeddingSettings.defaults().withNativeFolder(folder.models())));
        platform = close(Platform.start(settings, folder, clientSettings, Topologies.NAMES));
        embedder = close(join(model));

        host = new TopologyHost(definition -> StreamsProperties.of(definition, platform.kafka(), folder.streams()));
        started.push(() -> host.close(List.of(CatalogTopology.NAME), STOP_PATIENCE));
        ChangeSignal catalogChanges = new ChangeSignal();
        ChangeSignal processorChanges = new ChangeSignal();
        start(CatalogTopology.NAME, () -> new CatalogTopology(catalogChanges, processorChanges).build());
        AvroCodec<CatalogEntry> catalogCodec = platform.serdes().codec(CatalogEntry.class);
        AvroCodec<ProcessorEntry> processorCodec = platform.serdes().codec(ProcessorEntry.class);
        GlobalTable<CatalogEntry> catalogTable = new GlobalTable<>(Topics.CATALOG, catalogCodec, table(Topics.CATALOG));
        GlobalTable<ProcessorEntry> processorTable =
                new GlobalTable<>(Topics.PROCESSORS, processorCodec, table(Topics.PROCESSORS));
        catalog = new CatalogTable(catalogTable);
        processors = new ProcessorTable(processorTable);

        TableWriter<CatalogEntry> catalogWriter =
                new TableWriter<>(Topics.CATALOG, catalogCodec, platform.producer(), catalogTable, catalogChanges);
        TableWriter<ProcessorEntry> processorWriter = new TableWriter<>(
                Topics.PROCESSORS, processorCodec, platform.producer(), processorTable, processorChanges);
        KafkaTopicResources resources = new KafkaTopicResources(
                platform.admin(),
                platform.provisioner(),
                platform.registry(),
                settings.partitions(),
                EnrichmentTopology::applicationId,
                (topic, incarnation) -> host.find(EnrichmentFleet.instanceName(topic, incarnation))
                        .isPresent());
        Deletions deletions = close(Gateways.deletions(
                catalog,
                catalogWriter,
                platform.producer(),
                () -> platform.consumer("earliest"),
                resources,
                platform.serdes(),
                this::runningOf,
                clock));
        catalogGateway = new CatalogGateway(
                catalog, catalogWriter, catalogChanges, resources, deletions, clock, settings.maxTopics());
        collectGateway = close(new CollectGateway(
                catalog,
                () -> platform.transactionalProducer("penstock-gateway-" + folder.instanceId()),
                platform.serdes(),
                clock));
        processorGateway = new ProcessorGateway(new ProcessorConfigReader(clock), processorWriter);
        stores = new StoreQueries(host, Stores.definitions(platform.serdes()));
        deadLetters = new DeadLetterQueries(
                () -> platform.consumer(DeadLetterQueries.consumerSettings(platform.kafka())),
                new AnyAvro(platform.registry()),
                Topologies.NAMES);

        Seeds seeds = new SeedFiles(settings.config(), clock).read();
        for (SeedProblem problem : seeds.problems()) {
            LOG.warn("{}", problem);
            configFaults.merge(problem.file(), problem.toString(), (before, more) -> before + "; " + more);
        }
        SeedApplier applier = new SeedApplier(
                catalog,
                catalogWriter,
                catalogGateway,
                processors,
                processorWriter,
                platform.producer(),
                platform.serdes().codec(ScheduleEntry.class),
                clock);

        retriever = new LocalRetriever(
                () -> host.streams(io.penstock.vector.VectorIndexTopology.NAME),
                embedder.forQueries(),
                settings.partitions(),
                this::isCurrent);
        topologies = close(new Topologies(
                platform.serdes(),
                catalog,
                processors,
                embedder,
                CaptureSettings.of(
                        settings.config(), variable("PENSTOCK_CAPTURE_FOLDERS"), variable("PENSTOCK_CAPTURE_HOSTS")),
                AnswerSettings.from(Penstock::variableOrNull),
                settings.minLetters(),
                clock));
        if (settings.runs("gateway")) {
            applier.applyCatalog(seeds.catalog());
            applier.applyProcessors(seeds.processors());
        }
        LocalState.sweep(
                folder.streams(),
                EnrichmentTopology.APPLICATION_PREFIX,
                catalog.topics().stream()
                        .map(topic -> EnrichmentTopology.applicationId(topic.getTopic(), topic.getIncarnation()))
                        .collect(Collectors.toSet()));
        topologies.builders(retriever).forEach(this::start);
        startEnrichments(catalogChanges);
        awaitReady();
        chat = settings.runs("gateway")
                ? close(new ChatBridge(platform.producer(), platform.consumer("latest"), platform.serdes()))
                : null;
        if (settings.runs("gateway")) {
            catalogChanges.onChange(deletions::resume);
            deletions.resume();
            start(ScheduleTopology.NAME, topologies::schedule);
            awaitReady();
            applier.applySchedules(seeds.schedules(), schedules());
        }
        configFaults.putAll(applier.faults());
    }

    /** What a deletion has ended is not shown any more, even if its chunks are still in the index for a moment. */
    private boolean isCurrent(Chunk chunk) {
        String incarnation = chunk.getIncarnation();
        return incarnation == null || catalog.isCurrent(chunk.getTopic(), chunk.getSegment(), incarnation);
    }

    private <T extends AutoCloseable> T close(T part) {
        started.push(part);
        return part;
    }

    private static OnnxEmbedder join(CompletableFuture<OnnxEmbedder> model) {
        try {
            return model.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof PenstockException problem ? problem : e;
        }
    }

    private static @Nullable String variableOrNull(String name) {
        String value = variable(name);
        return value.isEmpty() ? null : value;
    }

    private static String variable(String name) {
        String property =
                System.getProperty(name.toLowerCase(java.util.Locale.ROOT).replace('_', '.'));
        String value = property == null ? System.getenv(name) : property;
        return value == null ? "" : value;
    }

    private PatientStore table(String name) {
        return new PatientStore(() -> host.streams(CatalogTopology.NAME), name, TABLE_PATIENCE);
    }

    private void start(String name, Supplier<Topology> builder) {
        TopologyDefinition definition = files.definitions().get(name);
        if (definition == null) {
            if (!files.faults().containsKey(name)) {
                LOG.error("There is no file that describes the topology {} in {}", name, settings.topologies());
            }
        } else if (settings.runs(definition.role())) {
            host.start(definition, builder);
        }
    }

    private void startEnrichments(ChangeSignal catalogChanges) {
        TopologyDefinition definition = files.definitions().get(EnrichmentTopology.NAME);
        if (definition == null || !settings.runs(definition.role())) {
            return;
        }
        EnrichmentFleet fleet =
                close(new EnrichmentFleet(host, definition, catalog, settings::takes, topologies::enrichment));
        catalogChanges.onChange(fleet::reconcile);
        fleet.reconcile();
    }

    /** Returns when all topologies work, or when it would be wrong to let those that do wait any longer. */
    private void awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + READY_PATIENCE.toNanos();
        while (!host.allReady()) {
            if (System.nanoTime() > deadline) {
                LOG.error("Serving without all topologies: {}", unready());
                return;
            }
            Thread.sleep(20);
        }
    }

    private String unready() {
        return String.join(
                ", ",
                host.all().stream()
                        .filter(topology -> !topology.isReady() && !topology.isInvalid())
                        .map(topology -> topology.definition().name() + " is " + topology.state()
                                + topology.lastFailure()
                                        .map(failure -> " (" + failure + ")")
                                        .orElse(""))
                        .toList());
    }

    /** The runs of a topic that have not ended, as far as this instance sees. */
    private List<String> runningOf(String topic) {
        return stores
                .page(RunsTopology.RUNS, new StoreQueries.Range(null, null, null, null, Integer.MAX_VALUE - 2))
                .entries()
                .stream()
                .map(entry -> (Run) entry.value())
                .filter(run -> run.getTopic().equals(topic) && run.getState() == RunState.RUNNING)
                .map(Run::getRunId)
                .toList();
    }

    /** The schedules there are, by id. */
    private Map<String, ScheduleEntry> schedules() {
        Map<String, ScheduleEntry> known = new HashMap<>();
        if (host.find(ScheduleTopology.NAME).isEmpty()) {
            return known;
        }
        stores.page(ScheduleTopology.SCHEDULE, new StoreQueries.Range(null, null, null, null, Integer.MAX_VALUE - 2))
                .entries()
                .forEach(entry -> known.put(entry.key(), ((ScheduleMark) entry.value()).getEntry()));
        return known;
    }

    CatalogTable catalog() {
        return catalog;
    }

    ProcessorTable processors() {
        return processors;
    }

    CatalogGateway catalogGateway() {
        return catalogGateway;
    }

    CollectGateway collectGateway() {
        return collectGateway;
    }

    ProcessorGateway processorGateway() {
        return processorGateway;
    }

    DeadLetterQueries deadLetters() {
        return deadLetters;
    }

    StoreQueries stores() {
        return stores;
    }

    Retriever retriever() {
        return retriever;
    }

    ChatBridge chat() {
        if (chat == null) {
            throw new PenstockException(
                    ErrorCode.NOT_READY, "This instance has not the role gateway; ask one that has.");
        }
        return chat;
    }

    TopologyHost host() {
        return host;
    }

    Platform platform() {
        return platform;
    }

    Topologies topologies() {
        return topologies;
    }

    OnnxEmbedder embedder() {
        return embedder;
    }

    /** What stops topologies for good: faults of their files, and settings that Kafka Streams refused. */
    Map<String, String> topologyFaults() {
        Map<String, String> faults = new TreeMap<>(files.faults());
        host.all().stream()
                .filter(HostedTopology::isInvalid)
                .forEach(topology -> faults.put(
                        topology.definition().name(), topology.lastFailure().orElse("")));
        return faults;
    }

    Map<String, String> configFaults() {
        return configFaults;
    }

    /** What is not as it should be; empty when ready. */
    String unreadiness() {
        return unready();
    }

    @Override
    public void close() {
        closeAll(started);
    }

    /** The last started goes first. */
    private static void closeAll(Deque<AutoCloseable> started) {
        while (!started.isEmpty()) {
            AutoCloseable part = started.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{} was not closed", part, e);
            }
        }
    }
}
