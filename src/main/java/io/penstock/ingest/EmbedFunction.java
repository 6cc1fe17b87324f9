package io.penstock.ingest;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.record.RecordId;
import io.penstock.schema.Fence;
import io.penstock.schema.Inference;
import io.penstock.schema.LedgerEntry;
import io.penstock.stage.CallException;
import io.penstock.stage.Provider;
import io.penstock.stage.StageFunction;
import io.penstock.stage.Step;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The slow part of ingestion. The preparation only takes the known vectors from the ledger: orders of one record come one after
 * the other, so nobody changes its entry during the call, which cuts the text and embeds what is new.
 */
final class EmbedFunction implements StageFunction<String, IngestOrder, IngestResult> {
    /** A text of more UTF-16 units is large: its chunks with their vectors take tens of MB until they are written. */
    private static final int LARGE_CHARACTERS = 200_000;

    private static final int LARGE_AT_ONCE = 2;

    private final ChunkMaker maker;
    private final Provider ordinary;
    private final Provider large;
    private @Nullable KeyValueStore<String, LedgerEntry> ledger;
    private @Nullable KeyValueStore<String, Inference> records;

    /** @param documentsAtOnce in this process */
    EmbedFunction(ChunkMaker maker, int documentsAtOnce) {
        this.maker = maker;
        this.ordinary = new Provider("embedder", documentsAtOnce, 0);
        this.large = new Provider("embedder of large documents", Math.min(LARGE_AT_ONCE, documentsAtOnce), 0);
    }

    @Override
    public void init(ProcessorContext<?, ?> context) {
        ledger = context.getStateStore(VectorIngestionTopology.LEDGER);
        records = context.getStateStore(VectorIngestionTopology.RECORDS);
    }

    @Override
    public Provider provider(String recordId, IngestOrder order) {
        return switch (order) {
            case IngestOrder.Put put -> provider(put.inference());
            case IngestOrder.Renew _ -> {
                Inference stored = Objects.requireNonNull(records).get(recordId);
                yield stored == null ? ordinary : provider(stored);
            }
            case IngestOrder.Delete _, IngestOrder.Barrier _ -> Provider.UNLIMITED;
        };
    }

    private Provider provider(Inference inference) {
        return inference.getText().length() > LARGE_CHARACTERS ? large : ordinary;
    }

    @Override
    public Step<IngestResult> prepare(String recordId, IngestOrder order, Headers headers, int attempt) {
        return switch (order) {
            case IngestOrder.Put put -> {
                String model = maker.model();
                LedgerEntry before = Objects.requireNonNull(ledger).get(recordId);
                yield new Step.Call<>(_ -> chunked(recordId, put.inference(), model, before, false));
            }
            case IngestOrder.Renew _ -> renewal(recordId);
            case IngestOrder.Delete _ -> new Step.Result<>(new IngestResult.Gone());
            case IngestOrder.Barrier _ -> new Step.Drop<>(); // a fence is never pending
        };
    }

    /** What came in between has been embedded with this model already. */
    private Step<IngestResult> renewal(String recordId) {
        String model = maker.model();
        Inference inference = Objects.requireNonNull(records).get(recordId);
        LedgerEntry entry = Objects.requireNonNull(ledger).get(recordId);
        return inference == null || entry == null || entry.getModel().equals(model)
                ? new Step.Drop<>()
                : new Step.Call<>(_ -> chunked(recordId, inference, model, null, true));
    }

    @Override
    public boolean isFence(String key, IngestOrder order) {
        return order instanceof IngestOrder.Barrier;
    }

    @Override
    public boolean fences(IngestOrder fence, String pendingRecordId, IngestOrder pending) {
        return fence instanceof IngestOrder.Barrier barrier
                && pendingRecordId.startsWith(prefix(barrier.fence()))
                && endsWith(barrier.fence(), pendingRecordId, pending);
    }

    private boolean endsWith(Fence fence, String pendingRecordId, IngestOrder pending) {
        return switch (pending) {
            case IngestOrder.Put put -> ends(fence, put.inference());
            case IngestOrder.Renew _ -> {
                Inference renewed = Objects.requireNonNull(records).get(pendingRecordId);
                yield renewed == null || ends(fence, renewed);
            }
            case IngestOrder.Delete _, IngestOrder.Barrier _ -> true;
        };
    }

    /** Whether what is in a fence's scope belongs to a life that it ends: a late repetition must not touch a later life. */
    static boolean ends(Fence fence, Inference inference) {
        return inference.getIncarnation() == null
                || fence.getIncarnations().isEmpty()
                || fence.getIncarnations().contains(inference.getIncarnation());
    }

    /** What the ids of all records begin with that a fence removes. */
    static String prefix(Fence fence) {
        String segment = fence.getSegment();
        return segment == null
                ? RecordId.topicPrefix(fence.getTopic())
                : RecordId.segmentPrefix(fence.getTopic(), segment);
    }

    private IngestResult chunked(
            String recordId, Inference inference, String model, @Nullable LedgerEntry before, boolean renewed)
            throws CallException, InterruptedException {
        try {
            List<EmbeddedChunk> chunks = maker.make(RecordId.parse(recordId), inference, before);
            LedgerEntry entry = Ledger.entryThatFits(recordId, inference, model, chunks);
            return new IngestResult.Chunked(inference, chunks, entry, renewed);
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.RECORD_TOO_LARGE) {
                throw CallException.permanent(e.code().code(), e.detail(), e);
            }
            throw CallException.retryable(e.code().code(), e.detail(), e);
        }
    }
}
