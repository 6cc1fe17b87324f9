package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.RawRecord;
import io.penstock.schema.SourceConfig;
import io.penstock.serde.AvroCodec;
import io.penstock.stage.AsyncCall;
import io.penstock.stage.CallEvents;
import io.penstock.stage.CallException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Captures one entry and encodes the record that is made of it. Encoding belongs to the call: it may need the schema registry,
 * and it tells the size, and a call may fail for either where the StreamThread may not.
 */
final class CaptureCall implements AsyncCall<CaptureResult> {
    private final CaptureTask task;
    private final DataEntry entry;
    private final SourceConfig config;
    private final Source source;
    private final AvroCodec<RawRecord> codec;
    private final InstantSource clock;
    private final int maxRecordBytes;

    CaptureCall(
            CaptureTask task,
            DataEntry entry,
            SourceConfig config,
            Source source,
            AvroCodec<RawRecord> codec,
            InstantSource clock,
            int maxRecordBytes) {
        this.task = task;
        this.entry = entry;
        this.config = config;
        this.source = source;
        this.codec = codec;
        this.clock = clock;
        this.maxRecordBytes = maxRecordBytes;
    }

    @Override
    public CaptureResult call(CallEvents events) throws CallException, InterruptedException {
        CapturedContent content = source.fetch(new CaptureRequest(task.getProcessor(), entry, config));
        Instant now = clock.instant();
        byte[] raw = codec.encode(Topics.raw(task.getTopic()), record(content, now));
        if (raw.length > maxRecordBytes) {
            throw CallException.permanent(
                    ErrorCode.RECORD_TOO_LARGE.code(),
                    CaptureEvents.recordId(task) + " makes a record of " + raw.length + " bytes; at most "
                            + maxRecordBytes + " can be sent.");
        }
        return new CaptureResult.Captured(task, raw, now);
    }

    private RawRecord record(CapturedContent content, Instant now) {
        return RawRecord.newBuilder()
                .setRunId(task.getRunId())
                .setProcessor(task.getProcessor())
                .setSegment(task.getSegment())
                .setItem(entry.getValue())
                .setLabel(entry.getLabel())
                .setUri(content.uri())
                .setContentType(content.contentType())
                .setContent(ByteBuffer.wrap(content.content()))
                .setCapturedAt(now)
                .setIncarnation(task.getIncarnation())
                .setAttributes(content.attributes())
                .build();
    }
}
