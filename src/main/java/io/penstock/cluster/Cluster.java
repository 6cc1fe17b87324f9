package io.penstock.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.kafka.Topics;
import io.penstock.schema.InstanceEntry;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This instance among all: publishes itself every two seconds to the Kafka topic {@code instance}, and follows what the others
 * publish there.
 *
 * <p>Threading: any thread. The heart beats on a thread of its own.
 */
public final class Cluster implements Peers, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final Duration BEAT = Duration.ofSeconds(2);
    private static final Duration SWEPT_AFTER = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Self self;
    private final Producer<byte[], byte[]> producer;
    private final AvroCodec<InstanceEntry> codec;
    private final InstanceSignature signature;
    private final ClusterView view;
    private final InstanceLog log;
    private final PeerCalls calls;
    private final InstantSource clock;
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("instance-heartbeat").daemon().factory());
    private final AtomicBoolean left = new AtomicBoolean();
    /** Begins with the time, so that a new process of the same instance goes on above the one before. */
    private long seq;

    private boolean failing;
    private boolean warnedOfTwin;

    /**
     * What this instance says of itself.
     *
     * @param id the same after each start
     * @param url where other instances reach its HTTP server
     * @param stores of the topologies it runs
     * @param topologies that it runs, now
     * @param sweeps whether it takes back the entries of instances that are gone for good
     */
    public record Self(
            String id,
            String url,
            Set<String> roles,
            Supplier<Set<String>> topologies,
            Supplier<Set<String>> stores,
            boolean sweeps) {}

    /**
     * @param producer idempotent, without transactions; shared
     * @param consumer without a group; closed by the cluster
     * @param apiKey the same on all instances
     */
    public Cluster(
            Self self,
            Producer<byte[], byte[]> producer,
            Consumer<byte[], byte[]> consumer,
            AvroSerdes serdes,
            String apiKey,
            InstantSource clock) {
        this.self = self;
        this.producer = producer;
        this.codec = serdes.codec(InstanceEntry.class);
        this.signature = new InstanceSignature(apiKey);
        this.view = new ClusterView(self.id(), signature);
        this.log = new InstanceLog(consumer, codec, this::take);
        this.calls = new PeerCalls(apiKey);
        this.clock = clock;
        this.seq = clock.millis();
    }

    /** Begins to follow the others and to publish itself; returns when those who were there already are known. */
    public void join() throws InterruptedException {
        log.start();
        var _ = heart.scheduleAtFixedRate(this::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Takes this instance back, so that no other asks it any more. Can be repeated. */
    public void leave() {
        if (!left.compareAndSet(false, true)) {
            return;
        }
        heart.shutdownNow();
        try {
            // A beat after the tombstone would bring the instance back.
            var _ = heart.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            producer.send(new ProducerRecord<>(Topics.INSTANCE, self.id().getBytes(UTF_8), null))
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | KafkaException | IllegalStateException e) {
            LOG.warn("The other instances could not be told that this one stops: {}", e.toString());
        }
    }

    public String id() {
        return self.id();
    }

    public String url() {
        return self.url();
    }

    public Set<String> roles() {
        return self.roles();
    }

    /** Whether any instance that is alive, this one included, runs a topology. */
    public boolean hosts(String topology) {
        return self.topologies().get().contains(topology) || !hosting(topology).isEmpty();
    }

    @Override
    public List<Peer> alive() {
        return view.alive(System.nanoTime());
    }

    @Override
    public List<PeerAnswer> ask(
            List<Peer> peers, String path, JsonNode question, Duration patience, Predicate<JsonNode> enough) {
        return peers.isEmpty() ? List.of() : calls.ask(peers, path, question, patience, enough);
    }

    private void beat() {
        try {
            InstanceEntry entry = InstanceEntry.newBuilder()
                    .setInstanceId(self.id())
                    .setUrl(self.url())
                    .setRoles(self.roles().stream().sorted().toList())
                    .setTopologies(self.topologies().get().stream().sorted().toList())
                    .setStores(self.stores().get().stream().sorted().toList())
                    .setAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                    .setSeq(seq++)
                    .build();
            producer.send(new ProducerRecord<>(
                            Topics.INSTANCE,
                            self.id().getBytes(UTF_8),
                            codec.encode(Topics.INSTANCE, signature.signed(entry))))
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            failing = false;
            if (self.sweeps()) {
                sweep();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // leaving
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            // Never let go: a scheduled task that throws is not run again.
            if (!failing) {
                LOG.warn("This instance cannot publish itself and is not asked by others meanwhile: {}", e.toString());
            }
            failing = true;
        }
    }

    /** An instance that ended without a word and does not come back would stay in the topic for ever. */
    private void sweep() {
        for (String id : view.silentFor(SWEPT_AFTER, System.nanoTime())) {
            var _ = producer.send(new ProducerRecord<>(Topics.INSTANCE, id.getBytes(UTF_8), null));
        }
    }

    private void take(String id, @Nullable InstanceEntry entry, boolean live) {
        if (id.equals(self.id())) {
            lookForTwin(entry, live);
        } else {
            view.apply(id, entry, live, clock.instant(), System.nanoTime());
        }
    }

    private void lookForTwin(@Nullable InstanceEntry entry, boolean live) {
        if (live && entry != null && !entry.getUrl().equals(self.url()) && !warnedOfTwin) {
            warnedOfTwin = true;
            LOG.error(
                    "{} publishes itself under the id of this instance. Its data folder seems to be a copy: stop it, and"
                            + " remove the file instance-id from the copy",
                    entry.getUrl());
        }
    }

    @Override
    public void close() {
        leave();
        log.close();
        calls.close();
    }
}
