package io.penstock.app;

import io.penstock.answer.AnswerSettings;
import io.penstock.answer.Prompts;
import io.penstock.capture.CaptureSettings;
import io.penstock.capture.CaptureTopology;
import io.penstock.catalog.CatalogTable;
import io.penstock.catalog.CatalogTopology;
import io.penstock.catalog.PatientCatalog;
import io.penstock.chat.BridgeSettings;
import io.penstock.chat.ChatBridge;
import io.penstock.chat.ChatSettings;
import io.penstock.chat.KafkaReplyTopics;
import io.penstock.chat.MemorySettings;
import io.penstock.chat.ReplyTopics;
import io.penstock.cluster.Cluster;
import io.penstock.embedding.EmbeddingAnswers;
import io.penstock.embedding.EmbeddingModel;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.Embeddings;
import io.penstock.embedding.LocalEmbeddings;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.embedding.RemoteEmbeddings;
import io.penstock.enrich.EnrichmentFleet;
import io.penstock.enrich.EnrichmentTopology;
import io.penstock.enrich.LanguageDetector;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.CatalogGateway;
import io.penstock.gateway.CollectGateway;
import io.penstock.gateway.ConfigFolder;
import io.penstock.gateway.ConfigWatch;
import io.penstock.gateway.Deletions;
import io.penstock.gateway.Gateways;
import io.penstock.gateway.KafkaTopicResources;
import io.penstock.gateway.ProcessorGateway;
import io.penstock.gateway.ProcessorTrials;
import io.penstock.gateway.RecordGateway;
import io.penstock.gateway.ReplayGateway;
import io.penstock.gateway.RunGateway;
import io.penstock.gateway.ScheduleGateway;
import io.penstock.gateway.SeedApplier;
import io.penstock.gateway.Transactions;
import io.penstock.http.Internal;
import io.penstock.ingest.ChunkingSettings;
import io.penstock.ingest.VectorIngestionTopology;
import io.penstock.kafka.Topics;
import io.penstock.mirror.MirrorSearch;
import io.penstock.mirror.MirrorSettings;
import io.penstock.mirror.MirrorSource;
import io.penstock.mirror.Mirrors;
import io.penstock.processor.ProcessorConfigReader;
import io.penstock.processor.ProcessorTable;
import io.penstock.query.DeadLetterQueries;
import io.penstock.query.StoreDefinition;
import io.penstock.query.StoreQueries;
import io.penstock.run.RunsTopology;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import io.penstock.schema.Chunk;
import io.penstock.schema.Fence;
import io.penstock.schema.Inference;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ReplayedLetters;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.seed.SeedFiles;
import io.penstock.seed.Seeds;
import io.penstock.serde.AnyAvro;
import io.penstock.serde.AvroCodec;
import io.penstock.stage.StageRuntime;
import io.penstock.table.ChangeSignal;
import io.penstock.table.GlobalTable;
import io.penstock.table.PatientStore;
import io.penstock.table.TableWriter;
import io.penstock.topology.HostedTopology;
import io.penstock.topology.StreamsProperties;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyFiles;
import io.penstock.topology.TopologyHost;
import io.penstock.vector.IndexAnswers;
import io.penstock.vector.LocalRetriever;
import io.penstock.vector.RemoteRetriever;
import io.penstock.vector.Retriever;
import io.penstock.vector.TextAnalysis;
import io.penstock.vector.VectorIndexTopology;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
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
    private static final Duration SCHEDULES_PATIENCE = Duration.ofSeconds(30);
    private static final Duration CHAT_PATIENCE = Duration.ofSeconds(30);
    private static final String CHAT_UNREADY = "no partition of chat.reply is read yet";
    private static final Duration EMBEDDINGS_PATIENCE = Duration.ofSeconds(60);
    private static final Duration CONFIG_LOOKS = Duration.ofSeconds(1);
    private static final int PAGE = 500;

    private final PenstockSettings settings;
    private final InstantSource clock = InstantSource.system();
    private final Deque<AutoCloseable> started;
    private final TopologyFiles.Loaded files;
    private final Platform platform;
    private final TopologyHost host;
    private final CatalogTable catalog;
    private final PatientCatalog patientCatalog;
    private final ProcessorTable processors;
    private final CatalogGateway catalogGateway;
    private final CollectGateway collectGateway;
    private final ProcessorGateway processorGateway;
    private final ProcessorTrials processorTrials;
    private final ConfigFolder configFolder;
    private final ScheduleGateway scheduleGateway;
    private final StoreQueries stores;
    private final DeadLetterQueries deadLetters;
    private final ReplayGateway replayGateway;
    private final RunGateway runGateway;
    private final RecordGateway recordGateway;
    private final Retriever retriever;
    private final Embeddings embeddings;
    private final Mirrors mirrors;
    private final ChatBridge chat;
    private final Topologies topologies;
    private final Optional<OnnxEmbedder> embedder;
    private final Cluster cluster;

    /**
     * Starts everything and returns when it works. A start that fails, or is interrupted, closes what it had started.
     *
     * @param clientSettings of Kafka and registry clients, for those that are not embedded
     * @param apiKey the same on all instances
     * @param open called with what other instances may ask, as soon as it can be asked: partitions come here before this
     *     instance is ready, and whoever asks for them should not have to wait until then
     */
    static Penstock start(
            PenstockSettings settings,
            DataFolder folder,
            Map<String, String> clientSettings,
            String apiKey,
            Consumer<Internal> open)
            throws InterruptedException {
        Deque<AutoCloseable> started = new ArrayDeque<>();
        try {
            return new Penstock(settings, folder, clientSettings, apiKey, open, started);
        } catch (InterruptedException | RuntimeException e) {
            closeAll(started);
            throw e;
        }
    }

    private Penstock(
            PenstockSettings settings,
            DataFolder folder,
            Map<String, String> clientSettings,
            String apiKey,
            Consumer<Internal> open,
            Deque<AutoCloseable> started)
            throws InterruptedException {
        this.started = started;
        this.settings = settings;
        String analyzer = variable("PENSTOCK_INDEX_ANALYZER").strip();
        String indexAnalyzer = TextAnalysis.require(analyzer.isEmpty() ? TextAnalysis.ENGLISH : analyzer);
        this.files = TopologyFiles.read(settings.topologies());
        files.faults().values().forEach(fault -> LOG.error("{}: this topology does not run", fault));
        // The model takes seconds to load and the broker to start: side by side, with what else takes its time.
        EmbeddingSettings embedding =
                EmbeddingSettings.from(Penstock::variableOrNull).withNativeFolder(folder.models());
        CompletableFuture<Optional<OnnxEmbedder>> model =
                Aside.start("model", () -> needsModel() ? Optional.of(OnnxEmbedder.open(embedding)) : Optional.empty());
        started.push(
                () -> Aside.join(model.exceptionally(_ -> Optional.empty())).ifPresent(OnnxEmbedder::close));
        CompletableFuture<Optional<LanguageDetector>> languages =
                Aside.start("languages", () -> needsModel() ? Optional.of(new LanguageDetector()) : Optional.empty());
        // Its native library is unpacked and loaded, which the first store would wait for.
        var _ = Aside.start("stores", () -> {
            RocksDB.loadLibrary();
            return true;
        });
        platform = close(Platform.start(settings, folder, clientSettings, Topologies.NAMES));
        embedder = Aside.join(model);
        embedder.ifPresent(this::close);

        StageRuntime calls = new StageRuntime();
        host = new TopologyHost(
                definition -> StreamsProperties.of(definition, platform.kafka(), folder.streams()), calls.clients());
        started.push(() -> host.close(List.of(CatalogTopology.NAME), STOP_PATIENCE));
        ChangeSignal catalogChanges = new ChangeSignal();
        ChangeSignal processorChanges = new ChangeSignal();
        ChangeSignal replayChanges = new ChangeSignal();
        ChangeSignal cancelledChanges = new ChangeSignal();
        start(
                CatalogTopology.NAME,
                () -> new CatalogTopology(catalogChanges, processorChanges, replayChanges, cancelledChanges).build());
        AvroCodec<CatalogEntry> catalogCodec = platform.serdes().codec(CatalogEntry.class);
        AvroCodec<ProcessorEntry> processorCodec = platform.serdes().codec(ProcessorEntry.class);
        GlobalTable<CatalogEntry> catalogTable = new GlobalTable<>(Topics.CATALOG, catalogCodec, table(Topics.CATALOG));
        GlobalTable<ProcessorEntry> processorTable =
                new GlobalTable<>(Topics.PROCESSORS, processorCodec, table(Topics.PROCESSORS));
        catalog = new CatalogTable(catalogTable);
        processors = new ProcessorTable(processorTable);

        TableWriter<CatalogEntry> catalogWriter = close(new TableWriter<>(
                Topics.CATALOG, catalogCodec, platform::transactionalProducer, catalogTable, catalogChanges));
        TableWriter<ProcessorEntry> processorWriter = close(new TableWriter<>(
                Topics.PROCESSORS, processorCodec, platform::transactionalProducer, processorTable, processorChanges));
        KafkaTopicResources resources = new KafkaTopicResources(
                platform.admin(),
                platform.provisioner(),
                platform.registry(),
                settings.partitions(),
                (topic, incarnation) -> host.find(EnrichmentFleet.instanceName(topic, incarnation))
                        .isPresent());
        Deletions deletions = close(Gateways.deletions(
                catalog,
                catalogWriter,
                platform.producer(),
                () -> platform.consumer("earliest"),
                resources,
                platform.serdes(),
                clock));
        catalogGateway = new CatalogGateway(
                catalog, catalogWriter, catalogChanges, resources, deletions, clock, settings.maxTopics());
        processorGateway = new ProcessorGateway(new ProcessorConfigReader(clock), processorWriter);
        List<StoreDefinition> definitions =
                Stores.definitions(platform.serdes(), settings.partitions(), this::enrichments);
        if (settings.isUnreachable()) {
            LOG.warn(
                    "Other machines cannot reach this instance at {}: set PENSTOCK_ADVERTISED_URL", settings.peerUrl());
        }
        cluster = close(new Cluster(
                new Cluster.Self(
                        folder.instanceId(),
                        settings.peerUrl(),
                        settings.roles(),
                        this::runsHere,
                        () -> storesOf(definitions, runsHere()),
                        settings.runs("gateway")),
                platform.producer(),
                platform.consumer("earliest"),
                platform.serdes(),
                apiKey,
                clock));
        stores = new StoreQueries(host, definitions, cluster, roles(files.definitions()));
        patientCatalog = new PatientCatalog(
                catalog, catalogChanges, () -> !cluster.alive().isEmpty());
        scheduleGateway = new ScheduleGateway(
                stores, patientCatalog, platform.producer(), platform.serdes().codec(ScheduleEntry.class));
        Transactions transactions = close(
                new Transactions(() -> platform.transactionalProducer("penstock-gateway-" + folder.instanceId())));
        collectGateway = new CollectGateway(patientCatalog, transactions, platform.serdes(), clock);
        AvroCodec<Fence> cancelledCodec = platform.serdes().codec(Fence.class);
        GlobalTable<Fence> cancelledTable =
                new GlobalTable<>(Topics.CANCELLED, cancelledCodec, table(Topics.CANCELLED));
        runGateway = Gateways.runs(
                transactions,
                close(new TableWriter<>(
                        Topics.CANCELLED,
                        cancelledCodec,
                        platform::transactionalProducer,
                        cancelledTable,
                        cancelledChanges)),
                stores,
                catalog,
                processors,
                platform.serdes(),
                clock);
        recordGateway = Gateways.records(
                platform.producer(), () -> platform.consumer("earliest"), patientCatalog, platform.serdes());
        Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> letterConsumers =
                () -> platform.consumer(DeadLetterQueries.consumerSettings(platform.kafka()));
        AvroCodec<ReplayedLetters> replayedCodec = platform.serdes().codec(ReplayedLetters.class);
        GlobalTable<ReplayedLetters> replayedTable =
                new GlobalTable<>(Topics.REPLAYED, replayedCodec, table(Topics.REPLAYED));
        replayGateway = Gateways.replays(
                letterConsumers,
                replayedTable,
                close(new TableWriter<>(
                        Topics.REPLAYED, replayedCodec, platform::transactionalProducer, replayedTable, replayChanges)),
                catalog,
                id -> stores.get(VectorIngestionTopology.RECORDS, id).map(Inference.class::cast),
                platform.serdes(),
                Topologies.NAMES);
        deadLetters = new DeadLetterQueries(
                letterConsumers, new AnyAvro(platform.registry()), Topologies.NAMES, replayGateway::isReplayed);

        SeedApplier applier = new SeedApplier(
                catalog,
                catalogWriter,
                catalogGateway,
                processors,
                processorWriter,
                platform.producer(),
                platform.serdes().codec(ScheduleEntry.class),
                clock);
        Map<Path, String> seen = ConfigWatch.look(settings.config());
        configFolder = new ConfigFolder(new SeedFiles(settings.config(), clock), applier, this::applySchedules);

        Supplier<Optional<KafkaStreams>> index = () -> host.streams(VectorIndexTopology.NAME);
        Retriever indexRetriever = embedder.<Retriever>map(loaded -> new LocalRetriever(
                        index, cluster, platform.serdes(), loaded.forQueries(), settings.partitions(), this::isCurrent))
                .orElseGet(() -> new RemoteRetriever(cluster, platform.serdes()));
        MirrorSettings mirrorSettings = new MirrorSettings(Penstock::variableOrNull, clock);
        retriever = embedder.flatMap(loaded -> MirrorSearch.of(
                        mirrorSettings,
                        indexRetriever,
                        loaded.forQueries(),
                        () -> catalog.topics().stream()
                                .map(CatalogEntry::getTopic)
                                .toList(),
                        this::isCurrent,
                        clock))
                .<Retriever>map(this::close)
                .orElse(indexRetriever);
        embeddings = embedder.<Embeddings>map(loaded ->
                        new LocalEmbeddings(loaded, EmbeddingModel.nameOf(embedding.model()), EMBEDDINGS_PATIENCE))
                .orElseGet(() -> new RemoteEmbeddings(cluster, Topologies.WITH_MODEL));
        open.accept(new Internal(
                stores.answers(),
                embedder.map(loaded -> new IndexAnswers(index, retriever, platform.serdes())),
                embedder.map(loaded -> new EmbeddingAnswers(embeddings))));
        cluster.join();
        ReplyTopics replyTopics = close(new KafkaReplyTopics(platform.admin(), platform.kafka()));
        topologies = close(new Topologies(
                platform.serdes(),
                catalog,
                processors,
                run -> cancelledTable.get(run).isPresent(),
                embedder,
                () -> Aside.join(languages).orElseThrow(),
                embedding,
                ChunkingSettings.from(Penstock::variableOrNull),
                CaptureSettings.of(
                        settings.config(),
                        variable("PENSTOCK_CAPTURE_FOLDERS"),
                        variable("PENSTOCK_CAPTURE_HOSTS"),
                        variable("PENSTOCK_CAPTURE_SECRETS"),
                        variable("PENSTOCK_CAPTURE_PER_HOST")),
                AnswerSettings.from(Penstock::variableOrNull),
                ChatSettings.of(settings.partitions(), MemorySettings.from(Penstock::variableOrNull)),
                Prompts.of(settings.config().resolve("prompts")),
                settings.minLetters(),
                indexAnalyzer,
                calls,
                clock));
        processorTrials = new ProcessorTrials(
                processorGateway,
                isToRun(CaptureTopology.NAME) ? Optional.of(topologies.trial()) : Optional.empty(),
                cluster);
        if (settings.runs("gateway")) {
            configFolder.applyCatalogAndProcessors();
        }
        chat = close(new ChatBridge(
                platform.kafka(), platform.serdes(), BridgeSettings.from(Penstock::variableOrNull), clock));
        calls.onArrival(Topics.CHAT_REPLY, chat::arrived);
        topologies.builders(retriever, replyTopics).forEach(this::start);
        startEnrichments(catalogChanges, folder);
        awaitReady();
        if (!chat.awaitReady(CHAT_PATIENCE)) {
            LOG.error("Serving without the chat: {}", CHAT_UNREADY);
        }
        if (settings.runs("gateway")) {
            catalogChanges.onChange(deletions::resume);
            close(Gateways.upkeep(catalog, catalogWriter, catalogGateway, deletions, resources))
                    .start();
            start(ScheduleTopology.NAME, topologies::schedule);
            awaitReady();
            configFolder.applySchedules();
            close(new ConfigWatch(settings.config(), seen, CONFIG_LOOKS, configFolder::refresh))
                    .start();
        }
        mirrors = close(startMirrors(mirrorSettings, folder.instanceId()));
        started.push(chat); // once more: whoever waits for a reply is not to wait for the topologies to close
        started.push(stores);
        started.push(cluster::leave); // first of all, so that no other instance asks one that is closing
    }

    /** Whether the embedding model has any use here. */
    private boolean needsModel() {
        return Topologies.WITH_MODEL.stream().anyMatch(this::isToRun);
    }

    private boolean isToRun(String name) {
        TopologyDefinition definition = files.definitions().get(name);
        return definition != null && settings.runs(definition.role());
    }

    /** The topologies that this instance runs or is about to run. */
    private Set<String> runsHere() {
        return Topologies.NAMES.stream()
                .filter(this::isToRun)
                .filter(name -> !host.find(name).map(HostedTopology::isInvalid).orElse(false))
                .collect(Collectors.toSet());
    }

    private static Set<String> storesOf(List<StoreDefinition> definitions, Set<String> topologies) {
        return definitions.stream()
                .filter(store -> topologies.contains(store.home().topology()))
                .map(StoreDefinition::name)
                .collect(Collectors.toSet());
    }

    private static Map<String, String> roles(Map<String, TopologyDefinition> definitions) {
        return definitions.values().stream()
                .collect(Collectors.toMap(TopologyDefinition::name, TopologyDefinition::role));
    }

    /** The instances of the enrichment that there are somewhere: one for each topic that is not being deleted. */
    private Set<String> enrichments() {
        return catalog.topics().stream()
                .filter(topic -> topic.getState() == CatalogState.ACTIVE)
                .map(topic -> EnrichmentFleet.instanceName(topic.getTopic(), topic.getIncarnation()))
                .collect(Collectors.toSet());
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

    private void startEnrichments(ChangeSignal catalogChanges, DataFolder folder) {
        TopologyDefinition definition = files.definitions().get(EnrichmentTopology.NAME);
        if (definition == null || !settings.runs(definition.role())) {
            return;
        }
        EnrichmentFleet fleet = close(new EnrichmentFleet(
                host, definition, catalog, settings::takes, topologies::enrichment, folder.streams()));
        catalogChanges.onChange(fleet::reconcile);
        fleet.reconcile();
    }

    /** Returns when all topologies work, or when it would be wrong to let those that do wait any longer. */
    private void awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + READY_PATIENCE.toNanos();
        while (!host.allReady()) {
            if (System.nanoTime() > deadline) {
                LOG.error("Serving without all topologies: {}", unready(HostedTopology::isReady));
                return;
            }
            Thread.sleep(20);
        }
    }

    /** The instances that have the embedding model keep the mirrors; which of them writes is up to each mirror's group. */
    private Mirrors startMirrors(MirrorSettings mirrorSettings, String instanceId) {
        return embedder.filter(loaded -> settings.runs("rag") && mirrorSettings.wantsAny())
                .map(loaded -> Mirrors.start(
                        mirrorSettings,
                        new Mirrors.Sources(
                                platform.kafka(),
                                platform::consumer,
                                platform.serdes(),
                                Map.of(
                                        MirrorSource.CHUNKS,
                                        Topics.CHUNK,
                                        MirrorSource.RECORDS,
                                        changelog(VectorIngestionTopology.NAME, VectorIngestionTopology.RECORDS),
                                        MirrorSource.RUNS,
                                        changelog(RunsTopology.NAME, RunsTopology.RUNS)),
                                platform.clusterId(),
                                instanceId),
                        loaded.dimension(),
                        clock))
                .orElseGet(Mirrors::none);
    }

    /** The Kafka topic in which Kafka Streams keeps the newest value of each key of a store. */
    private String changelog(String topology, String store) {
        TopologyDefinition definition = files.definitions().get(topology);
        return (definition == null ? "penstock-" + topology : definition.applicationId()) + "-" + store + "-changelog";
    }

    private String unready(Predicate<HostedTopology> works) {
        return String.join(
                ", ",
                host.all().stream()
                        .filter(topology -> !works.test(topology) && !topology.isInvalid())
                        .map(topology -> topology.definition().name() + " is " + topology.state()
                                + topology.lastFailure()
                                        .map(failure -> " (" + failure + ")")
                                        .orElse(""))
                        .toList());
    }

    private List<StoreQueries.Entry> all(String store) {
        List<StoreQueries.Entry> entries = new ArrayList<>();
        String after = null;
        do {
            StoreQueries.Page page = stores.page(store, new StoreQueries.Range(null, null, null, after, PAGE));
            entries.addAll(page.entries());
            after = page.next();
        } while (after != null);
        return entries;
    }

    private void applySchedules(SeedApplier applier, Seeds seeds) throws InterruptedException {
        Map<String, ScheduleEntry> known = new HashMap<>();
        if (isToRun(ScheduleTopology.NAME)
                && !host.find(ScheduleTopology.NAME)
                        .map(HostedTopology::isInvalid)
                        .orElse(true)) {
            long deadline = System.nanoTime() + SCHEDULES_PATIENCE.toNanos();
            while (true) {
                try {
                    all(ScheduleTopology.SCHEDULE)
                            .forEach(entry -> known.put(entry.key(), ((ScheduleMark) entry.value()).getEntry()));
                    break;
                } catch (PenstockException e) {
                    // Its one partition may be on an instance that is starting or stopping just now.
                    if (e.code() != ErrorCode.NOT_READY || System.nanoTime() > deadline) {
                        LOG.warn("The schedules were not looked at, which the next start does: {}", e.detail());
                        return;
                    }
                    Thread.sleep(100);
                }
            }
        }
        applier.applySchedules(seeds.schedules(), known);
    }

    CatalogTable catalog() {
        return catalog;
    }

    PatientCatalog patientCatalog() {
        return patientCatalog;
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

    ProcessorTrials processorTrials() {
        return processorTrials;
    }

    ScheduleGateway scheduleGateway() {
        return scheduleGateway;
    }

    DeadLetterQueries deadLetters() {
        return deadLetters;
    }

    RunGateway runGateway() {
        return runGateway;
    }

    RecordGateway recordGateway() {
        return recordGateway;
    }

    ReplayGateway replayGateway() {
        return replayGateway;
    }

    StoreQueries stores() {
        return stores;
    }

    Retriever retriever() {
        return retriever;
    }

    Embeddings embeddings() {
        return embeddings;
    }

    Mirrors mirrors() {
        return mirrors;
    }

    ChatBridge chat() {
        return chat;
    }

    Cluster cluster() {
        return cluster;
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

    /** Empty when no topology that runs here needs it. */
    Optional<OnnxEmbedder> embedder() {
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

    /** What is wrong in the configuration folder, by file. */
    Map<String, String> configFaults() {
        return configFolder.faults();
    }

    /**
     * What is not as it should be; empty when ready. An instance that partitions leave or come to stays ready, and so does one that
     * starts the enrichment of a new topic: else a restart of one, or a new topic, would take all of them out of service.
     */
    String unreadiness() {
        String topologiesUnready = unready(topology -> topology.isReady() || topology.isMoving());
        return chat.isReady()
                ? topologiesUnready
                : topologiesUnready + (topologiesUnready.isEmpty() ? "" : ", ") + CHAT_UNREADY;
    }

    @Override
    public void close() {
        closeAll(started);
    }

    /** The last started goes first. Whether the thread was interrupted before does not cut it short. */
    private static void closeAll(Deque<AutoCloseable> started) {
        boolean interrupted = Thread.interrupted();
        while (!started.isEmpty()) {
            AutoCloseable part = started.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("{} was not closed", part, e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
