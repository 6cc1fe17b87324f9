package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.answer.Analyst;
import io.penstock.answer.Analysts;
import io.penstock.catalog.CatalogView;
import io.penstock.document.DocumentAttributes;
import io.penstock.embedding.Embedder;
import io.penstock.enrich.QualityRules.Refusal;
import io.penstock.enrich.QualityRules.Verdict;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.processor.ProcessorView;
import io.penstock.record.Sweep;
import io.penstock.schema.EnrichedMark;
import io.penstock.schema.Fence;
import io.penstock.schema.Inference;
import io.penstock.schema.LabelDefinition;
import io.penstock.schema.LabelScore;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.Quality;
import io.penstock.schema.RawRecord;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import io.penstock.stage.CallException;
import io.penstock.stage.Provider;
import io.penstock.stage.StageFunction;
import io.penstock.stage.Step;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What the stage does with a record: nothing when it is unchanged, else text, quality, language, labels and analysis. All that
 * takes time in proportion to the content, but its hash, is left to the call.
 */
final class EnrichFunction implements StageFunction<String, Decoded<RawRecord>, Outcome> {
    /** Counts up whenever extraction or enrichment changes what comes out for the same record. */
    private static final String VERSION = "enrichment-3";

    /** What is wrong with the content itself: to try it again, or to replay it, would be in vain. */
    private static final Set<ErrorCode> REJECTED = EnumSet.of(
            ErrorCode.CONTENT_UNSUPPORTED,
            ErrorCode.CONTENT_ENCRYPTED,
            ErrorCode.CONTENT_BROKEN,
            ErrorCode.CONTENT_BOMB);

    private static final Duration UNTIL_NEXT_TURN = Duration.ofSeconds(2);

    private final String topic;
    private final CatalogView catalog;
    private final ProcessorView processors;
    private final Models models;
    private final AvroCodec<Inference> codec;
    private final InstantSource clock;
    private final int maxRecordBytes;
    private @Nullable KeyValueStore<String, EnrichedMark> enriched;

    /** What enrichment asks; each may be used from any thread. */
    record Models(
            TextExtractor extractor,
            QualityRules rules,
            LanguageDetector languages,
            Labeller labeller,
            Embedder embedder,
            Analysts analysts) {}

    /** What the record's processor says about enrichment. */
    private record Instructions(List<LabelDefinition> labels, Optional<Analysis> analysis) {
        static final Instructions NONE = new Instructions(List.of(), Optional.empty());
    }

    /** Who is to write an analysis, and by which prompt. */
    private record Analysis(Analyst analyst, String prompt) {}

    /** @param maxRecordBytes the largest inference that can be sent, with its key */
    EnrichFunction(
            String topic,
            CatalogView catalog,
            ProcessorView processors,
            Models models,
            AvroCodec<Inference> codec,
            InstantSource clock,
            int maxRecordBytes) {
        this.topic = topic;
        this.catalog = catalog;
        this.processors = processors;
        this.models = models;
        this.codec = codec;
        this.clock = clock;
        this.maxRecordBytes = maxRecordBytes;
    }

    @Override
    public void init(ProcessorContext<?, ?> context) {
        enriched = context.getStateStore(EnrichmentTopology.ENRICHED_STORE);
    }

    /** Analyses share what the language model can do; a record that gets none waits for nobody. */
    @Override
    public Provider provider(String key, Decoded<RawRecord> value) {
        return processor(value.value()).flatMap(this::writer).isPresent()
                ? models.analysts().provider()
                : Provider.UNLIMITED;
    }

    @Override
    public Step<Outcome> prepare(String key, Decoded<RawRecord> value, Headers headers, int attempt) {
        if (Deletion.is(value)) {
            return new Step.Result<>(new Outcome.Deleted());
        }
        RawRecord record = value.value();
        if (Lives.isOver(catalog, topic, record)) {
            return new Step.Fail<>(CallException.permanent(ErrorCode.TOPIC_DELETED.code(), Lives.OVER));
        }
        if (catalog.segment(topic, record.getSegment()).isEmpty()) {
            return new Step.Call<>(_ -> {
                throw unknownSegment(record);
            });
        }
        String incarnation = Lives.incarnation(catalog, topic, record).orElseThrow();
        Instructions instructions = instructions(record);
        String fingerprint = fingerprint(record, instructions);
        EnrichedMark mark = mark(key, incarnation);
        if (mark != null && Sweep.isSighting(headers)) {
            // Whatever becomes of it now: it is there.
            Objects.requireNonNull(enriched).put(key, Sightings.seen(mark, record.getRunId(), clock.instant()));
        }
        if (mark != null && mark.getFingerprint().equals(fingerprint)) {
            return new Step.Result<>(new Outcome.Unchanged(record.getRunId()));
        }
        return new Step.Call<>(_ -> enrich(key, record, incarnation, instructions, fingerprint));
    }

    private @Nullable EnrichedMark mark(String key, String incarnation) {
        EnrichedMark mark = Objects.requireNonNull(enriched).get(key);
        return mark != null && mark.getIncarnation().equals(incarnation) ? mark : null;
    }

    @Override
    public boolean isFence(String key, Decoded<RawRecord> value) {
        return value.value().getFence() != null;
    }

    @Override
    public boolean fences(Decoded<RawRecord> fence, String pendingKey, Decoded<RawRecord> pendingValue) {
        Fence order = Objects.requireNonNull(fence.value().getFence());
        RawRecord pending = pendingValue.value();
        boolean inScope = order.getSegment() == null || order.getSegment().equals(pending.getSegment());
        return inScope
                && (order.getIncarnations().isEmpty()
                        || order.getIncarnations().contains(life(pending, order.getIncarnations())));
    }

    /** A record that names no life belongs to the present one; when there is none, to one of those that end. */
    private String life(RawRecord pending, List<String> ending) {
        return Lives.incarnation(catalog, topic, pending).orElse(ending.getFirst());
    }

    /** A view that lags behind the topic gets some attempts' time to catch up. */
    private CallException unknownSegment(RawRecord record) {
        return CallException.retryable(
                record.getIncarnation() == null ? ErrorCode.SEGMENT_UNKNOWN.code() : ErrorCode.TOPIC_DELETED.code(),
                record.getIncarnation() == null
                        ? "There is no segment '" + record.getSegment() + "' in the topic '" + topic
                                + "': create it first."
                        : Lives.OVER,
                null);
    }

    private Instructions instructions(RawRecord record) {
        return processor(record)
                .map(processor -> new Instructions(
                        processor.getLabels(),
                        writer(processor)
                                .map(analyst -> new Analysis(
                                        analyst,
                                        PromptTemplate.fill(
                                                processor.getPromptTemplate(), record.getLabel(), value(record))))))
                .orElse(Instructions.NONE);
    }

    private Optional<ProcessorEntry> processor(RawRecord record) {
        return processors
                .byId(record.getProcessor())
                .filter(entry ->
                        entry.getTopic().equals(topic) && entry.getSegment().equals(record.getSegment()));
    }

    /** Who writes the processor's analyses, if anybody does. */
    private Optional<Analyst> writer(ProcessorEntry processor) {
        String template = processor.getPromptTemplate();
        return template == null || template.isBlank()
                ? Optional.empty()
                : models.analysts().analyst(processor.getLlm());
    }

    /** The value of the data list's entry, where capture says it; else the item is the value. */
    private static String value(RawRecord record) {
        return record.getAttributes().getOrDefault("value", record.getItem());
    }

    private String fingerprint(RawRecord record, Instructions instructions) {
        Fingerprint fingerprint = Fingerprint.version(VERSION)
                .and(record.getContent())
                .and(record.getContentType())
                .and(record.getLabel())
                .and(models.embedder().fingerprint());
        instructions
                .analysis()
                .ifPresent(analysis -> fingerprint
                        .and("prompt")
                        .and(analysis.prompt())
                        .and(analysis.analyst().fingerprint()));
        for (LabelDefinition label : instructions.labels()) {
            fingerprint.and("label").and(label.getName()).and(label.getDescription());
        }
        return fingerprint.hex();
    }

    private Outcome enrich(
            String key, RawRecord record, String incarnation, Instructions instructions, String fingerprint)
            throws CallException, InterruptedException {
        ExtractedText extracted;
        try {
            extracted =
                    models.extractor().extract(bytes(record.getContent()), record.getContentType(), record.getUri());
        } catch (PenstockException e) {
            if (REJECTED.contains(e.code())) {
                return new Outcome.Rejected(record.getRunId(), new Refusal(e.code(), e.detail()));
            }
            if (e.code() == ErrorCode.BUSY) {
                throw CallException.deferred(e.code().code(), e.detail(), UNTIL_NEXT_TURN);
            }
            throw e.code() == ErrorCode.CONTENT_READER_LOST
                    ? CallException.retryable(e.code().code(), e.detail(), e)
                    : CallException.permanent(e.code().code(), e.detail(), e);
        }
        Verdict verdict = models.rules().judge(extracted);
        if (verdict.refusal().isPresent()) {
            return new Outcome.Rejected(record.getRunId(), verdict.refusal().get());
        }
        Inference inference = inference(record, incarnation, instructions, extracted, verdict.quality())
                .setFingerprint(fingerprint)
                .build();
        return new Outcome.Enriched(record.getRunId(), encoded(key, inference), incarnation, fingerprint);
    }

    private Inference.Builder inference(
            RawRecord record, String incarnation, Instructions instructions, ExtractedText extracted, Quality quality)
            throws CallException, InterruptedException {
        String text = extracted.text();
        List<LabelScore> labels = models.labeller().label(text, instructions.labels());
        String analysis = null;
        String answerer = null;
        if (instructions.analysis().isPresent()) {
            Analysis asked = instructions.analysis().get();
            analysis = asked.analyst().analyse(asked.prompt(), text);
            answerer = asked.analyst().name();
        }
        return Inference.newBuilder()
                .setRunId(record.getRunId())
                .setTopic(topic)
                .setSegment(record.getSegment())
                .setProcessor(record.getProcessor())
                .setItem(record.getItem())
                .setLabel(record.getLabel())
                .setUri(record.getUri())
                .setContentType(record.getContentType())
                .setCapturedAt(record.getCapturedAt())
                .setIncarnation(incarnation)
                .setAttributes(attributes(record, extracted))
                .setTitle(extracted.title())
                .setText(text)
                .setLanguage(language(extracted))
                .setLabels(labels)
                .setAnalysis(analysis)
                .setAnswerer(answerer)
                .setQuality(quality);
    }

    /** What capture knows comes before what the content says about itself. */
    private static Map<String, String> attributes(RawRecord record, ExtractedText extracted) {
        Map<String, String> attributes = new TreeMap<>(extracted.attributes());
        attributes.putAll(record.getAttributes());
        return attributes;
    }

    /** The text tells its language better than its author does, but some texts are too short to. */
    private String language(ExtractedText extracted) {
        String detected = models.languages().detect(extracted.text());
        String declared = Locale.forLanguageTag(extracted
                        .attributes()
                        .getOrDefault(DocumentAttributes.LANGUAGE, "")
                        .replace('_', '-'))
                .getLanguage();
        return detected.equals(LanguageDetector.UNDETERMINED) && declared.length() == 2 ? declared : detected;
    }

    /** Encoding belongs to the call: it tells the size, and a call may fail for it where the StreamThread may not. */
    private byte[] encoded(String key, Inference inference) throws CallException {
        byte[] encoded = codec.encode(Topics.INFERENCE, inference);
        long size = (long) encoded.length + key.getBytes(UTF_8).length;
        if (size > maxRecordBytes) {
            throw CallException.permanent(
                    ErrorCode.RECORD_TOO_LARGE.code(),
                    key + " makes an inference of " + size + " bytes with its key; at most " + maxRecordBytes
                            + " can be sent. Capture smaller parts of it.");
        }
        return encoded;
    }

    private static byte[] bytes(ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.duplicate().get(bytes);
        return bytes;
    }
}
