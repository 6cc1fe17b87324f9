package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.CapturedResponses;
import io.penstock.schema.DataEntry;
import io.penstock.schema.Fence;
import io.penstock.schema.RawRecord;
import io.penstock.schema.SourceConfig;
import io.penstock.schema.StoredResponse;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import io.penstock.stage.CallException;
import io.penstock.stage.Provider;
import io.penstock.stage.StageFunction;
import io.penstock.stage.Step;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Captures one entry of a data list, within the limits of its processor. */
final class CaptureFunction implements StageFunction<String, Decoded<CaptureTask>, CaptureResult> {
    private final Source source;
    private final Lives lives;
    private final AvroCodec<RawRecord> codec;
    private final InstantSource clock;
    private final CaptureSettings settings;
    private @Nullable KeyValueStore<String, CapturedResponses> captured;

    CaptureFunction(
            Source source, Lives lives, AvroCodec<RawRecord> codec, InstantSource clock, CaptureSettings settings) {
        this.source = source;
        this.lives = lives;
        this.codec = codec;
        this.clock = clock;
        this.settings = settings;
    }

    @Override
    public void init(ProcessorContext<?, ?> context) {
        captured = context.getStateStore(CaptureTopology.CAPTURED_STORE);
    }

    /** Name of the provider that stands for a processor's source. */
    static String providerOf(String processor) {
        return "capture/" + processor;
    }

    @Override
    public Provider provider(String key, Decoded<CaptureTask> value) {
        CaptureTask task = value.value();
        if (task.getSweepSince() != null) {
            return Provider.UNLIMITED; // nobody is asked
        }
        double rate = task.getApiRateLimit();
        return new Provider(
                providerOf(task.getProcessor()),
                Math.max(1, task.getBatchSize()),
                Double.isFinite(rate) && rate > 0 ? rate : 0);
    }

    @Override
    public Step<CaptureResult> prepare(String key, Decoded<CaptureTask> value, Headers headers, int attempt) {
        CaptureTask task = value.value();
        if (task.getSweepSince() != null) {
            return new Step.Result<>(new CaptureResult.Swept(task));
        }
        DataEntry entry = task.getEntry();
        SourceConfig config = task.getSource();
        if (entry == null || config == null || entry.getValue().isEmpty() || !isName(task.getProcessor())) {
            return new Step.Fail<>(
                    CallException.permanent(
                            ErrorCode.RECORD_INVALID.code(),
                            "A capture task is a fence, or it needs a processor without '/', an entry with a value, and a source."));
        }
        if (lives.isCancelled(task)) {
            return new Step.Result<>(new CaptureResult.Cancelled(task));
        }
        if (!lives.isCurrent(task)) {
            return new Step.Result<>(new CaptureResult.Obsolete(task));
        }
        CaptureRequest request = new CaptureRequest(task.getProcessor(), entry, config, responses(task));
        return new Step.Call<>(new CaptureCall(task, request, source, codec, clock, settings));
    }

    private List<StoredResponse> responses(CaptureTask task) {
        CapturedResponses known = Objects.requireNonNull(captured).get(ResponseMemory.key(task));
        return known == null ? List.of() : known.getResponses();
    }

    private static boolean isName(String processor) {
        return !processor.isEmpty() && processor.indexOf('/') < 0;
    }

    @Override
    public boolean isFence(String key, Decoded<CaptureTask> value) {
        return value.value().getFence() != null;
    }

    @Override
    public boolean fences(Decoded<CaptureTask> value, String pendingKey, Decoded<CaptureTask> pending) {
        Fence fence = value.value().getFence();
        return fence != null && Lives.ends(fence, pending.value());
    }
}
