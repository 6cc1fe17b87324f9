package io.penstock.mirror;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one target like its sources: follows their compacted Kafka topics in a group of its own, and commits what the target has
 * acknowledged. So an outage of the target is bridged by Kafka, and the lag of the group is the backlog.
 *
 * <p>A rebuild reads everything from the beginning, writes what is live over what is there, remembers which keys are live, and at
 * the end removes the others: the target is never empty meanwhile. It happens by order, for a target that does not hold a complete
 * copy (a new one, or one that has lost its data), and after an absence in which deletions may have been compacted away.
 *
 * <p><b>Threading.</b> One thread reads, writes and commits. Partitions leave only inside its {@code poll}, when no call to the target
 * is under way: another instance never goes on while this one still writes. {@link #status()} and {@link #rebuild()} may be called
 * from any thread.
 */
final class Mirror implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration POLL_DURING_OUTAGE = Duration.ofMillis(100);
    private static final Duration LOOK_FOR_TOPICS_EVERY = Duration.ofSeconds(2);
    private static final Duration MEASURE_EVERY = Duration.ofSeconds(1);
    private static final Duration COMMIT_EVERY = Duration.ofSeconds(1);
    /** Even when nothing changes, so that an offset is young as long as somebody follows. */
    private static final Duration RENEW_COMMIT_EVERY = Duration.ofHours(1);

    /** Before the identity, while a rebuild is under way. */
    private static final String UNFINISHED = "unfinished ";

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(3);

    private final MirrorTarget target;
    private final Map<MirrorSource, String> topics;
    private final ChangeReader reader;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final String identity;
    private final InstantSource clock;
    private final Outage outage;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicBoolean rebuildWanted = new AtomicBoolean();
    private final AtomicLong upserts = new AtomicLong();
    private final AtomicLong deletes = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong rebuilds = new AtomicLong();
    private final Thread worker;

    private volatile @Nullable Consumer<byte[], byte[]> running;
    private volatile MirrorState state = MirrorState.STARTING;
    private volatile Instant since;
    private volatile @Nullable Long backlog;
    private volatile MirrorStatus.@Nullable Failure error;
    private volatile @Nullable Instant rebuiltAt;

    /** Of the worker alone, like all that follows. */
    private final Set<TopicPartition> assigned = new HashSet<>();

    private final Batch batch = new Batch();
    private boolean open;
    private @Nullable LiveKeys live;
    private Map<TopicPartition, Long> rebuildEnds = Map.of();
    private Instant measuredAt = Instant.EPOCH;
    private Instant committedAt = Instant.EPOCH;
    private Instant keptAt = Instant.EPOCH;

    /**
     * @param topics the Kafka topics of the target's sources
     * @param consumers makes a consumer with {@link MirrorGroup#consumerSettings}
     * @param identity of this installation
     */
    Mirror(
            MirrorTarget target,
            Map<MirrorSource, String> topics,
            ChangeReader reader,
            Supplier<Consumer<byte[], byte[]>> consumers,
            String identity,
            InstantSource clock) {
        this.target = target;
        this.topics = topics;
        this.reader = reader;
        this.consumers = consumers;
        this.identity = identity;
        this.clock = clock;
        this.outage = new Outage(target.name());
        this.since = clock.instant();
        this.worker =
                Thread.ofPlatform().name("mirror-" + target.name()).daemon().unstarted(this::work);
    }

    void start() {
        worker.start();
    }

    String name() {
        return target.name();
    }

    MirrorStatus status() {
        return new MirrorStatus(
                target.name(),
                state,
                since,
                backlog,
                upserts.get(),
                deletes.get(),
                skipped.get(),
                failures.get(),
                rebuilds.get(),
                error,
                rebuiltAt);
    }

    /** Orders a rebuild; false when another instance writes to the mirror and must be told. */
    boolean rebuild() {
        if (state == MirrorState.STANDBY || state == MirrorState.STARTING) {
            return false;
        }
        rebuildWanted.set(true);
        return true;
    }

    private void work() {
        try (target) {
            while (closing.getCount() > 0) {
                try (Consumer<byte[], byte[]> consumer = consumers.get()) {
                    running = consumer;
                    follow(consumer);
                } catch (WakeupException e) {
                    LOG.debug("Woken to close");
                } catch (RuntimeException e) { // whatever it is, it must not be the end of the mirror
                    LOG.warn("The mirror {} reads anew after a failure: {}", target.name(), e.toString());
                    forget();
                    enter(MirrorState.STARTING);
                    pause(LOOK_FOR_TOPICS_EVERY);
                }
            }
        }
    }

    private void follow(Consumer<byte[], byte[]> consumer) {
        MirrorGroup group = new MirrorGroup(consumer);
        while (!haveAllTopics(consumer)) {
            if (pause(LOOK_FOR_TOPICS_EVERY)) {
                return;
            }
        }
        consumer.subscribe(new TreeSet<>(topics.values()), new Rebalance(group));
        while (closing.getCount() > 0) {
            turn(consumer, group);
        }
    }

    /** Changelogs are made by the topologies when they first start. */
    private boolean haveAllTopics(Consumer<byte[], byte[]> consumer) {
        return topics.values().stream().allMatch(topic -> {
            try {
                return !consumer.partitionsFor(topic).isEmpty();
            } catch (KafkaException e) {
                LOG.debug("{} is not there yet: {}", topic, e.toString());
                return false;
            }
        });
    }

    private void turn(Consumer<byte[], byte[]> consumer, MirrorGroup group) {
        boolean takes = open && batch.isEmpty();
        if (takes) {
            consumer.resume(consumer.paused());
        } else {
            consumer.pause(assigned);
        }
        ConsumerRecords<byte[], byte[]> records =
                consumer.poll(takes || assigned.isEmpty() ? POLL : POLL_DURING_OUTAGE);
        if (assigned.isEmpty()) {
            backlog = null;
            enter(MirrorState.STANDBY);
            return;
        }
        try {
            read(consumer, records);
            if (!outage.isPausing(clock.instant())) {
                write(group);
            }
        } catch (PenstockException e) {
            open = false;
            failures.incrementAndGet();
            error = new MirrorStatus.Failure(e.code(), e.detail(), clock.instant());
            outage.failed(e, clock.instant());
            enter(MirrorState.DOWN);
        }
        measure(group);
    }

    private void read(Consumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition partition : records.partitions()) {
            for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
                try {
                    reader.read(record).ifPresentOrElse(this::take, skipped::incrementAndGet);
                } catch (PenstockException e) { // the registry is away: all of this poll is read again
                    reread(consumer, records);
                    throw e;
                }
            }
        }
    }

    /** Changes that were taken already are taken again: that is the same as once. */
    private static void reread(Consumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition partition : records.partitions()) {
            consumer.seek(partition, records.records(partition).getFirst().offset());
        }
    }

    private void take(Change change) {
        batch.add(change);
        LiveKeys keys = live;
        if (keys != null) {
            String key = target.nameOf(change.source(), change.key());
            switch (change) {
                case Change.Upsert _ -> keys.add(key);
                case Change.Delete _ -> keys.remove(key);
            }
        }
    }

    private void write(MirrorGroup group) {
        Instant now = clock.instant();
        if (!open) {
            open(group, now);
        }
        flush();
        LiveKeys keys = live;
        if (keys != null && hasReachedEnds(group)) {
            finishRebuild(group, keys);
        } else if (keys == null && rebuildWanted.get()) {
            beginRebuild(group, "it was ordered");
        } else if (keys == null) {
            keep(group, now);
        }
        outage.recovered(now);
        enter(live == null ? MirrorState.UP : MirrorState.REBUILDING);
        boolean due = live == null && !now.isBefore(committedAt.plus(COMMIT_EVERY)) && group.hasMoved(assigned);
        if (due || (live == null && !now.isBefore(committedAt.plus(RENEW_COMMIT_EVERY)))) {
            commit(group);
        }
    }

    private void open(MirrorGroup group, Instant now) {
        String holds = target.open();
        if (live != null) {
            if (!holds.equals(UNFINISHED + identity)) {
                beginRebuild(group, "it has lost what it held");
            }
        } else if (!holds.equals(identity)) {
            beginRebuild(group, "it holds no complete copy of this installation");
        } else if (!group.canGoOn(assigned, now)) {
            beginRebuild(group, "it was not followed for long, or its last rebuild was not completed");
        }
        keptAt = now;
        open = true;
    }

    private void flush() {
        for (List<Change> request : target.batches(batch.changes())) {
            try {
                target.apply(request);
                acknowledged(request);
            } catch (PenstockException e) {
                if (e.code() != ErrorCode.MIRROR_REFUSED) {
                    throw e;
                }
                request.forEach(this::applyAlone);
            }
        }
    }

    /** Finds out which of a refused batch cannot be taken, and passes over that. */
    private void applyAlone(Change change) {
        try {
            target.apply(List.of(change));
            acknowledged(List.of(change));
        } catch (PenstockException e) {
            if (e.code() != ErrorCode.MIRROR_REFUSED) {
                throw e;
            }
            if (skipped.getAndIncrement() == 0) {
                LOG.warn(
                        "{} is not mirrored to {}: {} Further ones are only counted.",
                        change.key(),
                        target.name(),
                        e.detail());
            }
            error = new MirrorStatus.Failure(e.code(), e.detail(), clock.instant());
            batch.done(List.of(change));
        }
    }

    private void acknowledged(List<Change> changes) {
        for (Change change : changes) {
            switch (change) {
                case Change.Upsert _ -> upserts.incrementAndGet();
                case Change.Delete _ -> deletes.incrementAndGet();
            }
        }
        batch.done(changes);
    }

    private void beginRebuild(MirrorGroup group, String why) {
        LOG.info("The mirror {} is rebuilt: {}", target.name(), why);
        target.mark(UNFINISHED + identity);
        batch.clear();
        rebuildEnds = group.ends(assigned);
        group.rewind(assigned);
        live = new LiveKeys();
        rebuildWanted.set(false);
    }

    private boolean hasReachedEnds(MirrorGroup group) {
        Map<TopicPartition, Long> positions = group.positions(assigned);
        return rebuildEnds.entrySet().stream()
                .allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    private void finishRebuild(MirrorGroup group, LiveKeys keys) {
        long removed = target.sweep(keys);
        target.mark(identity);
        live = null;
        commit(group);
        rebuilds.incrementAndGet();
        rebuiltAt = clock.instant();
        LOG.info("The mirror {} holds all {} live keys; {} others were removed", target.name(), keys.size(), removed);
    }

    private void keep(MirrorGroup group, Instant now) {
        if (now.isBefore(keptAt.plus(target.keepEvery()))) {
            return;
        }
        keptAt = now;
        if (!target.keep(now)) {
            beginRebuild(group, "it has lost what it held");
        }
    }

    private void commit(MirrorGroup group) {
        group.commit(assigned, clock.instant());
        committedAt = clock.instant();
    }

    private boolean isSettled() {
        return open && batch.isEmpty() && live == null && !assigned.isEmpty();
    }

    /** While nothing is fetched, only the brokers know how much there is to fetch. */
    private void measure(MirrorGroup group) {
        if (isSettled()) {
            group.lag(assigned).ifPresent(lag -> backlog = lag);
            return;
        }
        Instant now = clock.instant();
        if (now.isBefore(measuredAt.plus(MEASURE_EVERY))) {
            return;
        }
        measuredAt = now;
        try {
            Map<TopicPartition, Long> positions = group.positions(assigned);
            long unread = group.ends(assigned).entrySet().stream()
                    .mapToLong(end -> Math.max(0, end.getValue() - positions.getOrDefault(end.getKey(), 0L)))
                    .sum();
            backlog = unread + batch.size();
        } catch (KafkaException e) {
            LOG.debug("The backlog of the mirror {} cannot be measured now", target.name(), e);
        }
    }

    private void enter(MirrorState next) {
        if (state != next) {
            state = next;
            since = clock.instant();
        }
    }

    private void forget() {
        assigned.clear();
        batch.clear();
        live = null;
        open = false;
        backlog = null;
    }

    /** True when the mirror is being closed. */
    private boolean pause(Duration time) {
        try {
            return closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            closing.countDown();
            return true;
        }
    }

    /** Called inside {@code poll}, when no call to the target is under way. */
    private final class Rebalance implements ConsumerRebalanceListener {
        private final MirrorGroup group;

        Rebalance(MirrorGroup group) {
            this.group = group;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            forget();
            assigned.addAll(partitions);
            enter(partitions.isEmpty() ? MirrorState.STANDBY : MirrorState.STARTING);
        }

        /** What is not acknowledged yet is dropped: whoever goes on reads it again from what was committed. */
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            if (isSettled()) {
                try {
                    commit(group);
                } catch (KafkaException e) {
                    LOG.debug("The last offsets are not committed; what was read since is written once more", e);
                }
            }
            forget();
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            forget();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        Consumer<byte[], byte[]> consumer = running;
        if (consumer != null) {
            consumer.wakeup();
        }
        try {
            if (worker.getState() == Thread.State.NEW) {
                target.close();
            } else if (!worker.join(CLOSE_PATIENCE)) {
                LOG.warn("The mirror {} still waits for its other side; it is left behind", target.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
