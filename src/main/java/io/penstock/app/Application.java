package io.penstock.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.catalog.CatalogView;
import io.penstock.chat.ChatBridge;
import io.penstock.cluster.Cluster;
import io.penstock.embedding.Embeddings;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.CatalogGateway;
import io.penstock.gateway.CollectGateway;
import io.penstock.gateway.ProcessorGateway;
import io.penstock.gateway.ProcessorTrials;
import io.penstock.gateway.RecordGateway;
import io.penstock.gateway.ReplayGateway;
import io.penstock.gateway.RunGateway;
import io.penstock.gateway.ScheduleGateway;
import io.penstock.http.ApiKey;
import io.penstock.http.Internal;
import io.penstock.http.Services;
import io.penstock.mirror.Mirrors;
import io.penstock.processor.ProcessorView;
import io.penstock.query.DeadLetterQueries;
import io.penstock.query.StoreQueries;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.registry.RegistryAccess;
import io.penstock.topology.TopologyHost;
import io.penstock.vector.Retriever;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean that joins Penstock with Quarkus: starts it beside the HTTP server, which answers {@code not-ready} meanwhile, and stops
 * it with the process.
 */
@ApplicationScoped
public class Application implements Services, RegistryAccess {
    private static final Logger LOG = LoggerFactory.getLogger(Application.class);

    private final Launch launch = Launch.current();
    private final ApiKey key;
    private final String keyText;
    private final Config config;
    private static final List<String> CLIENT_SETTINGS =
            List.of("kafka.", "schema.registry.", "basic.auth.", "bearer.auth.");
    /** For a start that is broken off to close what it has opened, the broker among it, which must have started before. */
    private static final Duration START_PATIENCE = Duration.ofSeconds(10);

    private final MeterRegistry meters;
    private volatile @Nullable Penstock penstock;
    /** What there is instead when this is a broker for other instances. */
    private volatile @Nullable Platform broker;

    private volatile @Nullable Internal internal;
    private volatile @Nullable Thread starter;
    private volatile boolean stopping;
    /** Guards that nothing is taken over once it is being stopped. */
    private final Object state = new Object();

    /** Made by Quarkus. */
    public Application(Config config, MeterRegistry meters) {
        this.config = config;
        this.meters = meters;
        this.keyText =
                launch.settings().apiKey().orElseGet(() -> launch.folder().apiKey());
        this.key = new ApiKey(
                keyText,
                launch.settings().apiKey().isPresent()
                        ? "It is the one that PENSTOCK_API_KEY was set to."
                        : "It is in the file api-key of the data folder of the server.");
    }

    void onStart(@Observes StartupEvent event) {
        starter = Thread.ofPlatform().name("penstock-start").start(this::startUp);
    }

    private void startUp() {
        long begin = System.nanoTime();
        try {
            if (launch.settings().isBroker()) {
                startBroker(begin);
                return;
            }
            Penstock started = Penstock.start(
                    launch.settings(), launch.folder(), clientSettings(), keyText, asked -> internal = asked);
            // Before anybody is told that it is ready: who asks for metrics from then on finds all of them.
            try {
                Meters.bind(meters, started);
            } catch (RuntimeException e) {
                started.close();
                throw e;
            }
            if (takeOver(() -> penstock = started)) {
                Greeting.print(launch, keyText, System.nanoTime() - begin, started);
            } else {
                started.close();
            }
        } catch (PenstockException e) {
            LOG.debug("The start failed", e);
            giveUp("penstock: " + e.detail());
        } catch (RuntimeException e) {
            if (stopping) {
                LOG.debug("The start was broken off", e);
            } else {
                LOG.error("The start failed", e);
            }
            giveUp("");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // stopped while starting
        }
    }

    private void startBroker(long begin) throws InterruptedException {
        Platform started = Platform.start(launch.settings(), launch.folder(), clientSettings(), Topologies.NAMES);
        if (takeOver(() -> broker = started)) {
            Greeting.printBroker(launch, System.nanoTime() - begin, started);
        } else {
            started.close();
        }
    }

    /**
     * @param keep notes what has started
     * @return whether it runs from now on, because nobody has asked for a stop meanwhile; else the caller closes it
     */
    private boolean takeOver(Runnable keep) {
        synchronized (state) {
            if (stopping) {
                boolean _ = Thread.interrupted(); // the mark has done its work, and would cut closing short
                return false;
            }
            keep.run();
            return true;
        }
    }

    private void giveUp(String reason) {
        if (!stopping) {
            if (!reason.isEmpty()) {
                System.err.println(reason);
            }
            Quarkus.asyncExit(1);
        }
    }

    /** Settings of Kafka's and the registry's clients, from properties and from variables such as KAFKA_SECURITY_PROTOCOL. */
    private Map<String, String> clientSettings() {
        Map<String, String> settings = new TreeMap<>();
        System.getenv().forEach((name, value) -> {
            String property = name.toLowerCase(Locale.ROOT).replace('_', '.');
            if (name.equals(name.toUpperCase(Locale.ROOT)) && isClientSetting(property)) {
                settings.put(property, value);
            }
        });
        for (String name : config.getPropertyNames()) {
            if (isClientSetting(name)) {
                config.getOptionalValue(name, String.class).ifPresent(value -> settings.put(name, value));
            }
        }
        settings.remove("kafka.bootstrap.servers");
        return settings;
    }

    private static boolean isClientSetting(String property) {
        return CLIENT_SETTINGS.stream().anyMatch(property::startsWith);
    }

    /** Comes before Quarkus closes the HTTP server. */
    void beforeStop(@Observes ShutdownDelayInitiatedEvent event) throws InterruptedException {
        stop();
    }

    /**
     * Comes when the HTTP server is closed: only now is the folder given back, so that whoever starts on it meanwhile is told that it
     * is in use, and finds the port free afterwards. All else is closed by now, unless Quarkus had no time for that.
     */
    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        try {
            stop();
        } finally {
            Thread starting = starter;
            if (starting != null && starting.isAlive()) {
                LOG.warn("The start has not come to an end; the data folder is given back with the end of the process");
            } else {
                launch.folder().close();
            }
            LOG.info("Stopped");
        }
    }

    /** Closes everything but the HTTP server, once; HTTP calls are answered with {@code not-ready} from now on. */
    private synchronized void stop() throws InterruptedException {
        Thread starting = starter;
        if (!stopping && starting != null) {
            // What it has started it closes itself, if it comes to an end too late to be taken over.
            synchronized (state) {
                stopping = true;
                starting.interrupt();
            }
            starting.join(START_PATIENCE);
        }
        stopping = true;
        try (Platform _ = broker;
                Penstock _ = penstock) {
            LOG.debug("Closing");
        } finally {
            penstock = null;
            broker = null;
        }
    }

    private String startingOrStopping() {
        return stopping ? "stopping" : "starting";
    }

    private Penstock running() {
        if (launch.settings().isBroker()) {
            throw new PenstockException(
                    ErrorCode.PATH_UNKNOWN,
                    "This is a broker (PENSTOCK_ROLES=broker), which runs no topology. Ask another instance.");
        }
        Penstock running = penstock;
        if (running == null) {
            throw new PenstockException(
                    ErrorCode.NOT_READY, "Penstock is " + startingOrStopping() + "; try again in a second.");
        }
        return running;
    }

    @Override
    public ApiKey key() {
        return key;
    }

    @Override
    public boolean isStopping() {
        return stopping;
    }

    @Override
    public boolean isLoopback() {
        return launch.settings().isLoopback();
    }

    @Override
    public Readiness readiness() {
        if (stopping) {
            return new Readiness(false, startingOrStopping());
        }
        if (broker != null) {
            return new Readiness(true, "");
        }
        Penstock running = penstock;
        if (running == null) {
            return new Readiness(false, startingOrStopping());
        }
        String reason = running.unreadiness();
        return new Readiness(reason.isEmpty(), reason);
    }

    @Override
    public CatalogView catalog() {
        return running().catalog();
    }

    @Override
    public CatalogView patientCatalog() {
        return running().patientCatalog();
    }

    @Override
    public CatalogGateway catalogGateway() {
        return running().catalogGateway();
    }

    @Override
    public CollectGateway collectGateway() {
        return running().collectGateway();
    }

    @Override
    public ProcessorView processors() {
        return running().processors();
    }

    @Override
    public ProcessorGateway processorGateway() {
        return running().processorGateway();
    }

    @Override
    public ProcessorTrials processorTrials() {
        return running().processorTrials();
    }

    @Override
    public ScheduleGateway scheduleGateway() {
        return running().scheduleGateway();
    }

    @Override
    public StoreQueries stores() {
        return running().stores();
    }

    @Override
    public Cluster cluster() {
        return running().cluster();
    }

    @Override
    public Internal internal() {
        Internal asked = internal;
        if (asked == null) {
            throw new PenstockException(ErrorCode.NOT_READY, "This instance is starting.");
        }
        return asked;
    }

    @Override
    public DeadLetterQueries deadLetters() {
        return running().deadLetters();
    }

    @Override
    public RunGateway runGateway() {
        return running().runGateway();
    }

    @Override
    public RecordGateway recordGateway() {
        return running().recordGateway();
    }

    @Override
    public ReplayGateway replayGateway() {
        return running().replayGateway();
    }

    @Override
    public Retriever retriever() {
        return running().retriever();
    }

    @Override
    public Embeddings embeddings() {
        return running().embeddings();
    }

    @Override
    public Mirrors mirrors() {
        return running().mirrors();
    }

    @Override
    public ChatBridge chat() {
        return running().chat();
    }

    @Override
    public Duration chatPatience() {
        return running().topologies().chatSettings().patience();
    }

    @Override
    public TopologyHost topologies() {
        return running().host();
    }

    @Override
    public Map<String, String> topologyFaults() {
        return running().topologyFaults();
    }

    @Override
    public Map<String, String> configFaults() {
        return running().configFaults();
    }

    @Override
    public EmbeddedRegistry get() {
        Platform platform = broker;
        return (platform == null ? running().platform() : platform)
                .embeddedRegistry()
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.NOT_READY,
                        "This installation uses the registry at SCHEMA_REGISTRY_URL; ask that one."));
    }
}
