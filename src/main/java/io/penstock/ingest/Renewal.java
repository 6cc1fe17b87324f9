package io.penstock.ingest;

import io.penstock.schema.LedgerEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has every record embedded anew whose chunks were made with another model, from the records that are kept, so that nothing need be
 * collected again. It goes through the ledger a part at a time, in the order of the keys, and remembers when it is through; after a
 * restart before that, with whatever model, it goes through all of it again, and passes by what was renewed.
 *
 * <p>The old chunks of a record are removed in the transaction that writes its new ones. Renewals stand in the line of their
 * record, so none overtakes what comes in. Few are under way at once: what comes in, deletions too, need not wait behind all of them.
 *
 * <p>Threading: the StreamThread.
 */
final class Renewal {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);
    private static final Duration EVERY = Duration.ofMillis(200);

    /** Before anything is written with this model. */
    private static final Duration FIRST_AFTER = Duration.ofMillis(1);

    /** Entries looked at before other records have their turn. */
    private static final int AT_ONCE = 100;

    /** One that failed for good is not seen to end, and must not hold the others up for ever. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private static final String MODEL = "model";

    private final String model;
    private final int mostUnderWay;
    /** When each was ordered, epoch milliseconds, by record id. */
    private final Map<String, Long> underWay = new HashMap<>();

    private @Nullable KeyValueStore<String, LedgerEntry> ledger;
    private @Nullable KeyValueStore<String, String> models;
    private @Nullable ProcessorContext<Object, Object> context;
    private @Nullable Cancellable ticks;
    private @Nullable String after;
    private long ordered;

    /**
     * @param model fingerprint of the model that vectors are made with
     * @param mostUnderWay at once, of a partition
     */
    Renewal(String model, int mostUnderWay) {
        this.model = model;
        this.mostUnderWay = mostUnderWay;
    }

    void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        ledger = newContext.getStateStore(VectorIngestionTopology.LEDGER);
        models = newContext.getStateStore(VectorIngestionTopology.MODELS);
        after = null;
        ordered = 0;
        underWay.clear();
        if (!model.equals(models.get(MODEL))) {
            ticks = newContext.schedule(FIRST_AFTER, PunctuationType.WALL_CLOCK_TIME, this::begin);
        }
    }

    /** From now on the partition is of no one model: not even a return to the one that all had been made with may pass it by. */
    private void begin(long nowMs) {
        Objects.requireNonNull(ticks).cancel();
        Objects.requireNonNull(models).delete(MODEL);
        ticks = Objects.requireNonNull(context).schedule(EVERY, PunctuationType.WALL_CLOCK_TIME, this::next);
        next(nowMs);
    }

    private void next(long nowMs) {
        underWay.entrySet()
                .removeIf(it ->
                        it.getValue() + LONGEST_WAIT.toMillis() <= nowMs || !isOfAnother(ledger().get(it.getKey())));
        int room = mostUnderWay - underWay.size();
        if (room <= 0) {
            return;
        }
        List<String> others = new ArrayList<>();
        int seen = 0;
        boolean through;
        try (KeyValueIterator<String, LedgerEntry> entries = ledger().range(after, null)) {
            while (entries.hasNext() && seen < AT_ONCE && others.size() < room) {
                KeyValue<String, LedgerEntry> entry = entries.next();
                if (!entry.key.equals(after)) {
                    seen++;
                    after = entry.key;
                    if (isOfAnother(entry.value)) {
                        others.add(entry.key);
                    }
                }
            }
            through = !entries.hasNext();
        }
        for (String recordId : others) {
            underWay.put(recordId, nowMs);
            Objects.requireNonNull(context)
                    .forward(new Record<>(recordId, new IngestOrder.Renew(), nowMs), VectorIngestionTopology.EMBED);
        }
        ordered += others.size();
        if (through) {
            end();
        }
    }

    private boolean isOfAnother(@Nullable LedgerEntry entry) {
        return entry != null && !entry.getModel().equals(model);
    }

    private KeyValueStore<String, LedgerEntry> ledger() {
        return Objects.requireNonNull(ledger);
    }

    /** All are on their way, and survive a crash there. */
    private void end() {
        Objects.requireNonNull(ticks).cancel();
        Objects.requireNonNull(models).put(MODEL, model);
        if (ordered > 0) {
            LOG.info(
                    "Partition {}: {} records are embedded anew with the model {}",
                    Objects.requireNonNull(context).taskId().partition(),
                    ordered,
                    model);
        }
    }
}
