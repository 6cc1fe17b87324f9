package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.RawRecord;
import io.penstock.serde.AvroCodec;
import io.penstock.stage.AsyncCall;
import io.penstock.stage.CallEvents;
import io.penstock.stage.CallException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Captures one entry and encodes the records that are made of it. Encoding belongs to the call: it may need the schema registry,
 * and it tells the size, and a call may fail for either where the StreamThread may not.
 */
final class CaptureCall implements AsyncCall<CaptureResult> {
    private final CaptureTask task;
    private final CaptureRequest request;
    private final Source source;
    private final AvroCodec<RawRecord> codec;
    private final InstantSource clock;
    private final CaptureSettings settings;

    CaptureCall(
            CaptureTask task,
            CaptureRequest request,
            Source source,
            AvroCodec<RawRecord> codec,
            InstantSource clock,
            CaptureSettings settings) {
        this.task = task;
        this.request = request;
        this.source = source;
        this.codec = codec;
        this.clock = clock;
        this.settings = settings;
    }

    @Override
    public CaptureResult call(CallEvents events) throws CallException, InterruptedException {
        Fetched fetched = source.fetch(request);
        Instant now = clock.instant();
        List<CaptureResult.Item> items = new ArrayList<>();
        long bytes = 0;
        for (CapturedItem captured : fetched.items()) {
            CaptureResult.Item item = item(captured, now);
            bytes += item.raw().length;
            if (bytes > settings.task().maxBytes()) {
                throw ItemCollector.tooManyBytes(settings.task().maxBytes());
            }
            items.add(item);
        }
        return new CaptureResult.Captured(task, items, fetched.responses(), now);
    }

    private CaptureResult.Item item(CapturedItem captured, Instant now) throws CallException {
        String value = request.entry().getValue();
        String item = captured.key() == null ? value : ItemKeys.item(value, captured.key());
        String recordId = CaptureEvents.recordId(task, item);
        byte[] raw = codec.encode(Topics.raw(task.getTopic()), record(captured, item, now));
        if (raw.length > settings.maxRecordBytes()) {
            throw CallException.permanent(
                    ErrorCode.RECORD_TOO_LARGE.code(),
                    recordId + " makes a record of " + raw.length + " bytes; at most " + settings.maxRecordBytes()
                            + " can be sent.");
        }
        return new CaptureResult.Item(recordId, raw);
    }

    private RawRecord record(CapturedItem captured, String item, Instant now) {
        CapturedContent content = captured.content();
        Map<String, String> attributes = new TreeMap<>(content.attributes());
        if (captured.key() != null) {
            attributes.put("value", request.entry().getValue()); // prompts are filled with it
        }
        return RawRecord.newBuilder()
                .setRunId(task.getRunId())
                .setProcessor(task.getProcessor())
                .setSegment(task.getSegment())
                .setItem(item)
                .setLabel(captured.label() == null ? request.entry().getLabel() : captured.label())
                .setUri(content.uri())
                .setContentType(content.contentType())
                .setContent(ByteBuffer.wrap(content.content()))
                .setCapturedAt(now)
                .setIncarnation(task.getIncarnation())
                .setAttributes(attributes)
                .build();
    }
}
