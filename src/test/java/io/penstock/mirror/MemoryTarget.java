package io.penstock.mirror;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Inference;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A target in memory that can be made to fail. Several mirrors may share one, as instances share a server. */
final class MemoryTarget implements MirrorTarget {
    private final String name;
    final Map<String, String> held = new ConcurrentHashMap<>();
    final AtomicLong upserts = new AtomicLong();
    volatile String mark = "";
    volatile boolean away;
    /** Number of requests that are taken before it goes away by itself; negative for never. */
    final AtomicInteger requestsLeft = new AtomicInteger(-1);

    volatile String refused = "";
    volatile int fewest = Integer.MAX_VALUE;

    MemoryTarget(String name) {
        this.name = name;
    }

    void forgetEverything() {
        held.clear();
        mark = "";
    }

    private void answer() {
        if (away) {
            throw new PenstockException(ErrorCode.MIRROR_UNREACHABLE, "The memory is away.");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<MirrorSource> sources() {
        return Set.of(MirrorSource.RECORDS);
    }

    @Override
    public int batchSize() {
        return 10;
    }

    @Override
    public String open() {
        answer();
        return mark;
    }

    @Override
    public void apply(List<Change> batch) {
        if (requestsLeft.get() >= 0 && requestsLeft.getAndDecrement() == 0) {
            away = true;
        }
        answer();
        if (batch.stream().anyMatch(change -> change.key().equals(refused))) {
            throw new PenstockException(ErrorCode.MIRROR_REFUSED, "The memory does not take " + refused + ".");
        }
        for (Change change : batch) {
            switch (change) {
                case Change.Upsert upsert -> {
                    held.put(upsert.key(), ((Inference) upsert.value()).getText());
                    upserts.incrementAndGet();
                }
                case Change.Delete delete -> held.remove(delete.key());
            }
        }
        fewest = Math.min(fewest, held.size());
    }

    @Override
    public long sweep(LiveKeys live) {
        answer();
        long before = held.size();
        held.keySet().removeIf(key -> !live.contains(nameOf(MirrorSource.RECORDS, key)));
        return before - held.size();
    }

    @Override
    public void mark(String identity) {
        answer();
        mark = identity;
    }

    @Override
    public Duration keepEvery() {
        return Duration.ofMillis(100);
    }

    @Override
    public boolean keep(Instant now) {
        answer();
        return !mark.isEmpty();
    }

    @Override
    public void close() {}
}
