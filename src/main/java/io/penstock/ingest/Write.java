package io.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.record.DeletionOrder;
import io.penstock.record.ItemComplete;
import io.penstock.record.RecordId;
import io.penstock.run.RunEvents;
import io.penstock.schema.Chunk;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.LedgerEntry;
import io.penstock.schema.RunEvent;
import io.penstock.stage.FencePassed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the stores and the Kafka topic {@code chunk} say what a result says, in one transaction: writes what is new or changed,
 * then tombstones what vanished. The last of these bears the header {@value ItemComplete#HEADER}, so that the
 * index can say when the item is found; an item that changes no chunk is reported here.
 */
final class Write implements Processor<String, Object, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(Write.class);

    private final CatalogView catalog;
    private final IngestionCounters counters;
    private @Nullable ProcessorContext<Object, Object> context;
    private @Nullable KeyValueStore<String, Inference> records;
    private @Nullable KeyValueStore<String, LedgerEntry> ledger;

    Write(CatalogView catalog, IngestionCounters counters) {
        this.catalog = catalog;
        this.counters = counters;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        records = newContext.getStateStore(VectorIngestionTopology.RECORDS);
        ledger = newContext.getStateStore(VectorIngestionTopology.LEDGER);
    }

    @Override
    public void process(Record<String, Object> record) {
        switch (record.value()) {
            case IngestResult.Chunked chunked -> put(record.key(), chunked, record.timestamp());
            case IngestResult.Gone _ -> delete(record);
            case FencePassed<?>(IngestOrder.Barrier barrier, List<?> cancelled) ->
                pass(barrier.fence(), cancelled, record.timestamp());
            default -> throw new IllegalStateException("The stage forwarded " + record.value() + ".");
        }
    }

    private void put(String recordId, IngestResult.Chunked result, long timestamp) {
        Map<String, String> vanished = Ledger.contents(ledger().get(recordId));
        List<Record<String, @Nullable Chunk>> changes = new ArrayList<>();
        for (EmbeddedChunk chunk : result.chunks()) {
            String writtenBefore = vanished.remove(chunk.id());
            if (!chunk.contentHash().equals(writtenBefore)) {
                changes.add(new Record<>(chunk.id(), chunk.chunk(), timestamp));
            }
        }
        counters.countWritten(changes.size());
        counters.countRemoved(vanished.size());
        vanished.keySet().forEach(id -> changes.add(new Record<>(id, null, timestamp)));
        records().put(recordId, ofItsLife(result.inference()));
        ledger().put(recordId, result.ledger());

        String runId = result.renewed() ? null : result.inference().getRunId();
        if (runId != null && changes.isEmpty()) {
            report(RunEvents.indexed(runId, recordId, now()));
        } else if (runId != null) {
            Record<String, @Nullable Chunk> last = changes.removeLast();
            changes.add(last.withHeaders(
                    new RecordHeaders().add(ItemComplete.HEADER, new ItemComplete(runId, recordId).encode())));
        }
        changes.forEach(change -> context().forward(change, VectorIngestionTopology.CHUNK));
    }

    /** What names no life belongs to the present one, and ends with it. */
    private Inference ofItsLife(Inference inference) {
        return inference.getIncarnation() != null
                ? inference
                : catalog.segment(inference.getTopic(), inference.getSegment())
                        .map(segment -> Inference.newBuilder(inference)
                                .setIncarnation(segment.getIncarnation())
                                .build())
                        .orElse(inference);
    }

    /** Who waits for the deletion hears how many chunks there were, and the index says when it has lost the last of them. */
    private void delete(Record<String, Object> record) {
        Optional<String> order = DeletionOrder.id(record.headers());
        List<Record<Object, @Nullable Object>> tombstones = tombstones(record.key(), record.timestamp());
        if (order.isPresent() && !tombstones.isEmpty()) {
            Record<Object, @Nullable Object> last = tombstones.removeLast();
            tombstones.add(last.withHeaders(
                    new RecordHeaders().add(DeletionOrder.HEADER, order.get().getBytes(UTF_8))));
        }
        int removed = tombstones.size();
        tombstones.forEach(tombstone -> context().forward(tombstone, VectorIngestionTopology.CHUNK));
        order.ifPresent(id -> acknowledge(id, removed));
    }

    private void remove(String recordId, long timestamp) {
        tombstones(recordId, timestamp)
                .forEach(tombstone -> context().forward(tombstone, VectorIngestionTopology.CHUNK));
    }

    /** Forgets the record; what is left to do is to forward these. */
    private List<Record<Object, @Nullable Object>> tombstones(String recordId, long timestamp) {
        records().delete(recordId);
        Map<String, String> chunks = Ledger.contents(ledger().delete(recordId));
        counters.countRemoved(chunks.size());
        List<Record<Object, @Nullable Object>> tombstones = new ArrayList<>();
        chunks.keySet().forEach(id -> tombstones.add(new Record<>(id, null, timestamp)));
        return tombstones;
    }

    private void pass(Fence fence, List<?> cancelled, long timestamp) {
        List<String> doomed = recordIds(fence);
        doomed.forEach(recordId -> remove(recordId, timestamp));
        Set<String> endedRuns = new HashSet<>();
        for (Object order : cancelled) {
            if (order instanceof IngestOrder.Put put) {
                reportCancelled(put.inference(), fence, endedRuns);
            }
        }
        LOG.info(
                "Fence {} passed partition {}: {} records removed, {} cancelled",
                fence.getFenceId(),
                context().taskId().partition(),
                doomed.size(),
                cancelled.size());
        acknowledge(fence.getFenceId(), (long) doomed.size() + cancelled.size());
    }

    private void acknowledge(String order, long removed) {
        FenceAck ack = FenceAck.newBuilder()
                .setFenceId(order)
                .setStage(VectorIngestionTopology.NAME)
                .setTopic(Topics.INFERENCE)
                .setPartition(context().taskId().partition())
                .setRemoved(removed)
                .setAt(now())
                .build();
        context()
                .forward(
                        new Record<Object, Object>(order, ack, ack.getAt().toEpochMilli()),
                        VectorIngestionTopology.FENCE_ACK);
    }

    private void reportCancelled(Inference inference, Fence fence, Set<String> endedRuns) {
        String runId = inference.getRunId();
        if (runId != null) {
            if (fence.getSegment() == null && endedRuns.add(runId)) {
                report(RunEvents.topicDeleted(runId, fence.getTopic(), now()));
            }
            RecordId recordId = new RecordId(
                    inference.getTopic(), inference.getSegment(), inference.getProcessor(), inference.getItem());
            report(RunEvents.failed(
                    runId,
                    recordId.toString(),
                    ErrorCode.TOPIC_DELETED.code(),
                    "The segment " + inference.getTopic() + "/" + inference.getSegment()
                            + " was deleted before this was indexed.",
                    now()));
        }
    }

    /**
     * The records of the lives that the fence ends. Each record in {@code records} has a ledger entry too, if only one without
     * chunks.
     */
    private List<String> recordIds(Fence fence) {
        List<String> ids = new ArrayList<>();
        try (KeyValueIterator<String, LedgerEntry> entries =
                ledger().prefixScan(EmbedFunction.prefix(fence), Serdes.String().serializer())) {
            entries.forEachRemaining(entry -> {
                Inference inference = records().get(entry.key);
                if (inference == null || EmbedFunction.ends(fence, inference)) {
                    ids.add(entry.key);
                }
            });
        }
        return ids;
    }

    private void report(RunEvent event) {
        context().forward(RunEvents.record(event), VectorIngestionTopology.RUN_EVENT);
    }

    private Instant now() {
        return Instant.ofEpochMilli(context().currentSystemTimeMs());
    }

    private ProcessorContext<Object, Object> context() {
        return Objects.requireNonNull(context);
    }

    private KeyValueStore<String, Inference> records() {
        return Objects.requireNonNull(records);
    }

    private KeyValueStore<String, LedgerEntry> ledger() {
        return Objects.requireNonNull(ledger);
    }
}
