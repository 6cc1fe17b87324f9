package io.penstock.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.capture.CaptureRequest;
import io.penstock.capture.CapturedContent;
import io.penstock.capture.CapturedItem;
import io.penstock.capture.Source;
import io.penstock.enrich.ExtractedText;
import io.penstock.enrich.QualityRules;
import io.penstock.enrich.QualityRules.Verdict;
import io.penstock.enrich.TextExtractor;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.record.RecordId;
import io.penstock.schema.DataEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.SourceConfig;
import io.penstock.stage.CallException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;

/**
 * Captures one item as capture would, within all its fences, and shows what enrichment would see of it. Stores and sends nothing. May
 * be called from any thread; few at once.
 */
public final class CaptureTrial {
    private static final int MAX_AT_ONCE = 4;
    /** Longest pause that a server may ask for; whoever waits for the dry run waits for that, too. */
    private static final Duration MOST_PATIENCE = Duration.ofSeconds(10);

    private static final int MAX_TEXT = 20_000;

    private final Source source;
    private final TextExtractor extractor;
    private final QualityRules rules;
    private final Semaphore turns = new Semaphore(MAX_AT_ONCE);

    public CaptureTrial(Source source, TextExtractor extractor, QualityRules rules) {
        this.source = source;
        this.extractor = extractor;
        this.rules = rules;
    }

    /**
     * {@code {"records":1,"record":{...},"failure":null}} with the first of the records that the item gives, or the failure of capture
     * and no record.
     *
     * @param entry valid
     * @throws PenstockException {@code busy}
     */
    ObjectNode run(ProcessorEntry entry, DataEntry item) throws InterruptedException {
        SourceConfig config = entry.getSource();
        if (config == null) {
            throw new IllegalStateException("The processor " + entry.getId() + " is not valid");
        }
        if (!turns.tryAcquire()) {
            throw new PenstockException(
                    ErrorCode.BUSY, MAX_AT_ONCE + " dry runs are under way on this instance; try again in a second.");
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        try {
            List<CapturedItem> items = fetched(new CaptureRequest(entry.getId(), item, config));
            answer.put("records", items.size());
            answer.set(
                    "record",
                    items.isEmpty() ? JsonNodeFactory.instance.nullNode() : record(entry, item, items.getFirst()));
            answer.putNull("failure");
        } catch (CallException e) {
            answer.put("records", 0).putNull("record");
            ObjectNode failure = fault(e.code(), String.valueOf(e.getMessage()));
            answer.set("failure", failure.put("capture_would_retry", !e.isPermanent()));
        } finally {
            turns.release();
        }
        return answer;
    }

    /** Once more, as capture would, if the server asks for a moment's patience. */
    private List<CapturedItem> fetched(CaptureRequest request) throws CallException, InterruptedException {
        try {
            return source.fetch(request).items();
        } catch (CallException e) {
            Duration wait = e.retryAfter();
            if (e.isPermanent() || wait == null || wait.compareTo(MOST_PATIENCE) > 0) {
                throw e;
            }
            Thread.sleep(wait);
            return source.fetch(request).items();
        }
    }

    private ObjectNode record(ProcessorEntry entry, DataEntry of, CapturedItem first) throws InterruptedException {
        CapturedContent captured = first.content();
        String item = first.item(of);
        ObjectNode record = JsonNodeFactory.instance
                .objectNode()
                .put("id", new RecordId(entry.getTopic(), entry.getSegment(), entry.getId(), item).toString())
                .put("item", item)
                .put("label", first.label(of))
                .put("uri", captured.uri())
                .put("content_type", captured.contentType())
                .put("bytes", captured.content().length);
        Map<String, String> attributes = new TreeMap<>(first.attributes(of));
        try {
            ExtractedText extracted = extractor.extract(captured.content(), captured.contentType(), captured.uri());
            extracted.attributes().forEach(attributes::putIfAbsent);
            record.put("title", extracted.title());
            text(record, extracted.text());
            Verdict verdict = rules.judge(extracted);
            record.putObject("quality")
                    .put("letters", verdict.quality().getLetters())
                    .put("readable", verdict.quality().getReadable());
            record.putNull("rejection");
            verdict.refusal()
                    .ifPresent(refusal ->
                            record.set("rejection", fault(refusal.code().code(), refusal.reason())));
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.BUSY) {
                throw e; // says nothing about the document
            }
            record.putNull("title");
            text(record, "");
            record.putNull("quality");
            record.set("rejection", fault(e.code().code(), e.detail()));
        }
        ObjectNode shown = record.putObject("attributes");
        attributes.forEach(shown::put);
        return record;
    }

    private static void text(ObjectNode record, String text) {
        boolean isLong = text.length() > MAX_TEXT;
        int end = isLong && Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
        record.put("characters", text.length())
                .put("text", isLong ? text.substring(0, end) : text)
                .put("text_is_cut", isLong);
    }

    private static ObjectNode fault(String code, String detail) {
        return JsonNodeFactory.instance.objectNode().put("code", code).put("detail", detail);
    }
}
