package io.penstock.stage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The main consumer of a StreamThread, whose {@link #poll} returns early, without records, when a call of a stage has ended, and
 * which stages may keep from fetching more while they are full. When nothing has come for a while, a poll waits for longer than it is
 * asked to: the short polls that let a commit be due in time are of no use then, and those of a dozen threads cost an idle process
 * a tenth of a core.
 *
 * <p><b>Threading.</b> As every consumer: one thread, but for {@link #wake}.
 */
final class StageConsumer extends KafkaConsumer<byte[], byte[]> implements Intake {
    /**
     * Of a consumer to which nothing comes; as long as a poll of Kafka Streams is by default. A record or a result ends it. By so
     * much may be late what the thread does besides: a wall-clock punctuation, a task that comes here, the end.
     */
    static final Duration IDLE_POLL = Duration.ofMillis(100);

    private static final Duration UNSEEN_POLL = Duration.ofMillis(1);
    /** Long enough that what came last is committed, at the intervals that topologies have. */
    private static final long IDLE_AFTER_NANOS = Duration.ofSeconds(2).toNanos();

    private final StageClients clients;
    /** Tasks for which something has ended; they may have seen it just before they came here. */
    private final Set<Task> unseen = ConcurrentHashMap.newKeySet();

    private final PollWaker waker = new PollWaker(this::wakeup);
    /** What stages have paused, and who has. */
    private final Map<TopicPartition, Set<Object>> held = new HashMap<>();
    /** What Kafka Streams has paused for reasons of its own. */
    private final Set<TopicPartition> pausedByStreams = new HashSet<>();

    private @Nullable Thread poller;
    private long lastBusy = System.nanoTime();
    private long flushes;
    private long flushesSeen;
    /** Records of the last poll that have not arrived at a stage. */
    private int toArrive;

    private String arrivedTopic = "";
    private int arrivedPartition;
    private long arrivedOffset = -1;

    StageConsumer(Map<String, Object> config, StageClients clients) {
        super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.clients = clients;
    }

    // --- waking ---------------------------------------------------------------------------------------------------

    @Override
    public void wake(Task task) {
        unseen.add(task);
        waker.wake();
    }

    @Override
    public void looked(Task task) {
        unseen.remove(task);
    }

    /** Whether a task has something that it has not seen. */
    private boolean isAnyToLook() {
        for (Task task : List.copyOf(unseen)) {
            unseen.remove(task); // first: what comes from now on stays
            if (task.hasUnseen()) {
                unseen.add(task);
            }
        }
        return !unseen.isEmpty();
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        if (poller != Thread.currentThread()) {
            poller = Thread.currentThread();
            lastBusy = System.nanoTime();
            clients.polledBy(poller, this);
        }
        ConsumerRecords<byte[], byte[]> records;
        try {
            boolean atOnce = waker.begin();
            records = super.poll(isAnyToLook() ? patience(atOnce, timeout) : idle(timeout));
        } catch (WakeupException e) {
            waker.thrown();
            lastBusy = System.nanoTime();
            records = ConsumerRecords.empty();
        } finally {
            waker.end();
        }
        // Woken up too late for this poll: that must not be left to the next call, which may be a commit.
        ConsumerRecords<byte[], byte[]> all = waker.isWoken() ? takingBackTheWakeUp(records) : records;
        toArrive = all.count();
        if (toArrive > 0) {
            lastBusy = System.nanoTime();
        }
        return all;
    }

    /** Kafka Streams asks for no wait while it has something else to do, and pauses what it is not ready for. */
    private Duration idle(Duration timeout) {
        if (timeout.isZero() || !paused().isEmpty() || flushes != flushesSeen) {
            flushesSeen = flushes; // a punctuation may go on with its work at its own pace
            lastBusy = System.nanoTime();
        }
        boolean idle = System.nanoTime() - lastBusy > IDLE_AFTER_NANOS;
        return idle && timeout.compareTo(IDLE_POLL) < 0 ? IDLE_POLL : timeout;
    }

    /** While there is something to look at. A task looks at its next tick, which may not be due yet. */
    private Duration patience(boolean atOnce, Duration timeout) {
        lastBusy = System.nanoTime();
        if (atOnce) {
            return Duration.ZERO;
        }
        return timeout.compareTo(UNSEEN_POLL) < 0 ? timeout : UNSEEN_POLL;
    }

    private ConsumerRecords<byte[], byte[]> takingBackTheWakeUp(ConsumerRecords<byte[], byte[]> records) {
        try {
            return both(records, super.poll(Duration.ZERO));
        } catch (WakeupException e) {
            return records;
        } finally {
            waker.thrown();
        }
    }

    private static ConsumerRecords<byte[], byte[]> both(
            ConsumerRecords<byte[], byte[]> first, ConsumerRecords<byte[], byte[]> second) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> all = new HashMap<>();
        for (ConsumerRecords<byte[], byte[]> records : List.of(first, second)) {
            for (TopicPartition partition : records.partitions()) {
                all.computeIfAbsent(partition, _ -> new ArrayList<>()).addAll(records.records(partition));
            }
        }
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(first.nextOffsets());
        next.putAll(second.nextOffsets());
        return new ConsumerRecords<>(all, next);
    }

    /**
     * What is called within a poll while partitions move (Kafka Streams commits what leaves) must neither be cut off by a wake-up
     * nor get one; one that came before is over with the first exception.
     */
    private <T> T undisturbed(Supplier<T> action) {
        waker.end();
        try {
            return action.get();
        } catch (WakeupException e) {
            waker.thrown();
            return action.get();
        }
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
        undisturbed(() -> {
            super.commitSync(offsets);
            return true;
        });
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        undisturbed(() -> {
            super.commitSync(offsets, timeout);
            return true;
        });
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions) {
        return undisturbed(() -> super.committed(partitions));
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions, Duration timeout) {
        return undisturbed(() -> super.committed(partitions, timeout));
    }

    @Override
    public long position(TopicPartition partition) {
        return undisturbed(() -> super.position(partition));
    }

    @Override
    public long position(TopicPartition partition, Duration timeout) {
        return undisturbed(() -> super.position(partition, timeout));
    }

    @Override
    public long flushes() {
        return flushes;
    }

    @Override
    public void arrived(RecordMetadata origin) {
        if (origin.offset() != arrivedOffset
                || origin.partition() != arrivedPartition
                || !origin.topic().equals(arrivedTopic)) {
            arrivedTopic = origin.topic();
            arrivedPartition = origin.partition();
            arrivedOffset = origin.offset();
            toArrive--;
        }
    }

    @Override
    public boolean hasMore() {
        return toArrive > 0;
    }

    void countFlush() {
        flushes++;
    }

    // --- pausing --------------------------------------------------------------------------------------------------

    @Override
    public void hold(Collection<TopicPartition> partitions, Object holder) {
        Set<TopicPartition> assigned = assignment();
        for (TopicPartition partition : partitions) {
            held.computeIfAbsent(partition, _ -> new HashSet<>()).add(holder);
            if (assigned.contains(partition)) {
                super.pause(Set.of(partition));
            }
        }
    }

    @Override
    public void release(Object holder) {
        Set<TopicPartition> assigned = assignment();
        List<TopicPartition> free = new ArrayList<>();
        held.entrySet().removeIf(entry -> {
            boolean last = entry.getValue().remove(holder) && entry.getValue().isEmpty();
            if (last && assigned.contains(entry.getKey()) && !pausedByStreams.contains(entry.getKey())) {
                free.add(entry.getKey());
            }
            return last;
        });
        if (!free.isEmpty()) {
            super.resume(free);
        }
    }

    @Override
    public void pause(Collection<TopicPartition> partitions) {
        pausedByStreams.addAll(partitions);
        super.pause(partitions);
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
        partitions.forEach(pausedByStreams::remove);
        super.resume(partitions.stream()
                .filter(partition -> !held.containsKey(partition))
                .toList());
    }
}
