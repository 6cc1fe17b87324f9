package io.penstock.topology;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.errors.TopologyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@link KafkaStreams} instance and its supervisor: when it fails it is closed, and after a backoff a new one takes its place;
 * the others do not notice.
 *
 * <p><b>Threading.</b> All changes of state happen on the supervisor's own thread. {@link #streams()}, {@link #state()} and what
 * else only reads may be called from any thread.
 */
public final class HostedTopology {
    private static final Logger LOG = LoggerFactory.getLogger(HostedTopology.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(8);
    private static final Duration SHORTEST_BACKOFF = Duration.ofMillis(250);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    /** An instance that ran so long before it failed is taken for sound: its successor starts with the shortest backoff. */
    private static final Duration SOUND_AFTER = Duration.ofMinutes(1);

    private static final Duration SUPERVISOR_IDLE = Duration.ofSeconds(5);
    /** A move that takes longer is a fault: what is restored is small. */
    private static final Duration LONGEST_MOVE = Duration.ofSeconds(30);

    private final TopologyDefinition definition;
    private final Supplier<Topology> builder;
    private final Properties properties;
    private final KafkaClientSupplier clients;
    private final ScheduledExecutorService supervisor;

    private volatile HostedState state = HostedState.CREATED;
    private volatile @Nullable KafkaStreams streams;
    private final AtomicInteger restarts = new AtomicInteger();
    private volatile @Nullable String lastFailure;
    private volatile long runningSinceNanos;
    private volatile long movingSinceNanos = System.nanoTime();
    private int failuresInRow;
    private boolean stopping;

    HostedTopology(
            TopologyDefinition definition,
            Supplier<Topology> builder,
            Properties properties,
            KafkaClientSupplier clients) {
        this.definition = definition;
        this.builder = builder;
        this.properties = properties;
        this.clients = clients;
        this.supervisor = supervisor(definition.name());
    }

    /** One thread, which is there only while there is something to do: there may be an instance for each of many topics. */
    private static ScheduledExecutorService supervisor(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("supervisor-" + name).daemon().factory());
        executor.setKeepAliveTime(SUPERVISOR_IDLE.toMillis(), TimeUnit.MILLISECONDS);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    public TopologyDefinition definition() {
        return definition;
    }

    public HostedState state() {
        return state;
    }

    /** How often a failed instance was replaced. */
    public int restarts() {
        return restarts.get();
    }

    public Optional<String> lastFailure() {
        return Optional.ofNullable(lastFailure);
    }

    /** The instance, unless it failed or is stopped. */
    public Optional<KafkaStreams> streams() {
        KafkaStreams current = streams;
        return current != null && (state == HostedState.RUNNING || state == HostedState.STARTING)
                ? Optional.of(current)
                : Optional.empty();
    }

    /**
     * Whether it works. The state of Kafka Streams says RUNNING before threads have joined their group and while one of them is
     * gone; so each thread must be there and at work on what it was given.
     */
    public boolean isReady() {
        KafkaStreams current = streams;
        if (current == null || state != HostedState.RUNNING || current.state() != KafkaStreams.State.RUNNING) {
            return false;
        }
        int working = 0;
        for (ThreadMetadata thread : current.metadataForLocalThreads()) {
            if (!thread.threadState().equals("RUNNING")) {
                return false;
            }
            working++;
        }
        return working >= (definition.guarantee() == Guarantee.NONE ? 0 : definition.threads());
    }

    /**
     * Whether it is just being started for the first time, or worked and partitions are just leaving it or coming to it: neither is
     * a fault, unless it takes long.
     */
    public boolean isMoving() {
        boolean expected = switch (state) {
            case CREATED, STARTING -> restarts.get() == 0;
            case RUNNING -> true;
            case FAILED, STUCK, STOPPED, INVALID -> false;
        };
        return expected && System.nanoTime() - movingSinceNanos < LONGEST_MOVE.toNanos();
    }

    /** Whether it will never work in this process, and waiting for it is in vain. */
    public boolean isInvalid() {
        return state == HostedState.INVALID;
    }

    void start() {
        supervisor.execute(this::launch);
    }

    /** Closes the instance, leaving its group, and waits for it; false when that took too long. */
    boolean stop(Duration patience) {
        boolean[] closed = {false};
        try {
            supervisor
                    .submit(() -> {
                        stopping = true;
                        closed[0] = closeStreams(patience);
                        state = closed[0] ? HostedState.STOPPED : HostedState.STUCK;
                    })
                    .get(patience.toMillis() + 500, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            LOG.warn("{} did not close in time", definition.name(), e);
        } catch (RejectedExecutionException e) {
            return true; // stopped before
        }
        supervisor.shutdown();
        return closed[0];
    }

    /** Removes the local state of a stopped topology that will not come back. */
    void cleanUp() {
        if (state == HostedState.STOPPED) {
            // Streams' own clean-up leaves the folder, with a lock and an id in it; its name would outlive the
            // topology.
            LocalState.delete(
                    Path.of(properties.getProperty(StreamsConfig.STATE_DIR_CONFIG), definition.applicationId()));
        }
    }

    private void launch() {
        if (stopping) {
            return;
        }
        state = HostedState.STARTING;
        try {
            KafkaStreams next = new KafkaStreams(builder.get(), properties, clients);
            next.setUncaughtExceptionHandler(failure -> {
                lastFailure = describe(failure);
                LOG.error("{}: a stream thread failed; the instance will be replaced", definition.name(), failure);
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            });
            next.setStateListener((now, before) -> stateChanged(next, now));
            streams = next;
            next.start();
        } catch (ConfigException | TopologyException e) {
            // Trying again would end the same way: its file must be mended first.
            lastFailure = definition.file() + ": " + e.getMessage();
            state = HostedState.INVALID;
            LOG.error("{} does not run: {}", definition.name(), lastFailure);
        } catch (RuntimeException e) {
            lastFailure = describe(e);
            LOG.error("{} did not start; trying again", definition.name(), e);
            replaceLater();
        }
    }

    /** Streams wraps what a processor throws and says only where it was; what it was is the last cause. */
    private static String describe(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == failure ? failure.toString() : failure + " Caused by " + root;
    }

    private void stateChanged(KafkaStreams of, KafkaStreams.State now) {
        try {
            supervisor.execute(() -> {
                if (stopping || of != streams) {
                    return;
                }
                switch (now) {
                    case RUNNING -> {
                        state = HostedState.RUNNING;
                        runningSinceNanos = System.nanoTime();
                    }
                    case ERROR -> replaceLater();
                    case REBALANCING -> movingSinceNanos = System.nanoTime();
                    case CREATED, PENDING_SHUTDOWN, PENDING_ERROR, NOT_RUNNING -> {}
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("{} changed to {} after it was stopped", definition.name(), now);
        }
    }

    private void replaceLater() {
        if (state == HostedState.RUNNING && System.nanoTime() - runningSinceNanos > SOUND_AFTER.toNanos()) {
            failuresInRow = 0;
        }
        state = HostedState.FAILED;
        if (!closeStreams(CLOSE_PATIENCE)) {
            state = HostedState.STUCK;
            LOG.error("{} cannot be closed; it stays down until this process is started again", definition.name());
            return;
        }
        Duration backoff = backoff(failuresInRow++);
        LOG.warn(
                "{} is started again in {} ms (restart {})",
                definition.name(),
                backoff.toMillis(),
                restarts.incrementAndGet());
        var _ = supervisor.schedule(this::launch, backoff.toMillis(), TimeUnit.MILLISECONDS);
    }

    static Duration backoff(int failuresBefore) {
        Duration backoff = SHORTEST_BACKOFF.multipliedBy(1L << Math.min(failuresBefore, 10));
        return backoff.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : backoff;
    }

    private boolean closeStreams(Duration patience) {
        KafkaStreams current = streams;
        return current == null
                || current.close(CloseOptions.timeout(patience)
                        .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
