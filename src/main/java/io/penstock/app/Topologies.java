package io.penstock.app;

import io.penstock.alert.AlertFanoutTopology;
import io.penstock.answer.Analysts;
import io.penstock.answer.AnswerSettings;
import io.penstock.answer.Answerer;
import io.penstock.answer.Answerers;
import io.penstock.answer.ModelUsage;
import io.penstock.answer.Prompts;
import io.penstock.capture.CaptureSettings;
import io.penstock.capture.CaptureTopology;
import io.penstock.capture.Sources;
import io.penstock.catalog.CatalogView;
import io.penstock.chat.ChatSettings;
import io.penstock.chat.ChatTopology;
import io.penstock.chat.ReplyTopics;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.enrich.EnrichmentSettings;
import io.penstock.enrich.EnrichmentTopology;
import io.penstock.enrich.LanguageDetector;
import io.penstock.enrich.QualityRules;
import io.penstock.ingest.ChunkingSettings;
import io.penstock.ingest.IngestionCounters;
import io.penstock.ingest.VectorIngestionTopology;
import io.penstock.processor.ProcessorMatchingTopology;
import io.penstock.processor.ProcessorView;
import io.penstock.run.RunsTopology;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.CatalogEntry;
import io.penstock.serde.AvroSerdes;
import io.penstock.stage.StageRuntime;
import io.penstock.vector.Retriever;
import io.penstock.vector.VectorIndexSettings;
import io.penstock.vector.VectorIndexTopology;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.streams.Topology;

/** Builds every topology with what it needs, and owns what they share. */
final class Topologies implements AutoCloseable {
    /** Names of all topologies, which are also those of their files and of their topics for dead letters. */
    static final List<String> NAMES = List.of(
            "catalog",
            RunsTopology.NAME,
            VectorIndexTopology.NAME,
            VectorIngestionTopology.NAME,
            EnrichmentTopology.NAME,
            CaptureTopology.NAME,
            ProcessorMatchingTopology.NAME,
            AlertFanoutTopology.NAME,
            ChatTopology.NAME,
            ScheduleTopology.NAME);

    private static final Duration BESIDES_THE_MODEL = Duration.ofSeconds(10);

    private final AvroSerdes serdes;
    private final CatalogView catalog;
    private final ProcessorView processors;
    private final Optional<Models> models;
    private final InstantSource clock;
    private final Sources sources;
    private final int ingestionSessions;
    private final ChunkingSettings chunking;
    private final CaptureSettings captureSettings;
    private final EnrichmentSettings enrichmentSettings;
    private final ChatSettings chatSettings;
    private final ModelUsage modelUsage = new ModelUsage();
    private final IngestionCounters ingestionCounters = new IngestionCounters();
    private final StageRuntime calls;

    /** Names of those that need the embedding model. */
    static final List<String> WITH_MODEL =
            List.of(VectorIndexTopology.NAME, VectorIngestionTopology.NAME, EnrichmentTopology.NAME, ChatTopology.NAME);

    /** What takes long to load, and what needs it: only where one of {@link #WITH_MODEL} runs. */
    private record Models(
            OnnxEmbedder embedder,
            Supplier<LanguageDetector> languages,
            Analysts analysts,
            Answerer answerer,
            VectorIndexTopology vectorIndex) {}

    /**
     * @param embedder empty when none of {@link #WITH_MODEL} runs here
     * @param languages asked only where the embedder is; waits while it is being loaded
     * @param indexAnalyzer name of the analysis that makes terms of text
     * @param calls runs the slow calls of all of them; closed with this
     */
    Topologies(
            AvroSerdes serdes,
            CatalogView catalog,
            ProcessorView processors,
            Optional<OnnxEmbedder> embedder,
            Supplier<LanguageDetector> languages,
            EmbeddingSettings embedding,
            ChunkingSettings chunking,
            CaptureSettings captureSettings,
            AnswerSettings answerSettings,
            ChatSettings chatSettings,
            Prompts prompts,
            int minLetters,
            String indexAnalyzer,
            StageRuntime calls,
            InstantSource clock) {
        this.serdes = serdes;
        this.catalog = catalog;
        this.processors = processors;
        this.ingestionSessions = embedding.ingestionSessions();
        this.chunking = chunking;
        this.captureSettings = captureSettings;
        // What a language model may take, and something for the rest; its own timeout names the endpoint, the stage's
        // does not.
        Duration callTimeout = answerSettings.timeout().plus(BESIDES_THE_MODEL);
        this.enrichmentSettings = EnrichmentSettings.DEFAULT
                .withQuality(new QualityRules(minLetters))
                .withCallTimeout(longer(EnrichmentSettings.DEFAULT.callTimeout(), callTimeout));
        this.chatSettings = chatSettings.withCallTimeoutOfAtLeast(callTimeout);
        this.calls = calls;
        this.clock = clock;
        this.sources = new Sources(captureSettings, clock);
        this.models = embedder.map(model -> new Models(
                model,
                languages,
                Answerers.analysts(answerSettings, prompts, modelUsage, clock),
                Answerers.answerer(answerSettings, prompts, model.forQueries(), modelUsage, clock),
                new VectorIndexTopology(
                        serdes,
                        clock,
                        VectorIndexSettings.forModel(model.fingerprint()).withAnalyzer(indexAnalyzer))));
    }

    /** All but the catalog's and the enrichments', in the order in which they are started: those that are read by others first. */
    Map<String, Supplier<Topology>> builders(Retriever retriever, ReplyTopics replyTopics) {
        Map<String, Supplier<Topology>> builders = new LinkedHashMap<>();
        builders.put(RunsTopology.NAME, () -> new RunsTopology(serdes).build());
        builders.put(VectorIndexTopology.NAME, () -> models().vectorIndex().build());
        builders.put(VectorIngestionTopology.NAME, this::vectorIngestion);
        builders.put(CaptureTopology.NAME, this::capture);
        builders.put(
                ProcessorMatchingTopology.NAME,
                () -> new ProcessorMatchingTopology(serdes, catalog, processors, clock).topology());
        builders.put(AlertFanoutTopology.NAME, () -> new AlertFanoutTopology(serdes, catalog, processors).build());
        builders.put(
                ChatTopology.NAME,
                () -> new ChatTopology(serdes, retriever, models().answerer(), replyTopics, calls, chatSettings, clock)
                        .build());
        return builders;
    }

    Topology schedule() {
        return new ScheduleTopology(serdes).build();
    }

    Topology enrichment(CatalogEntry topic) {
        return new EnrichmentTopology(
                        topic.getTopic(),
                        serdes,
                        catalog,
                        processors,
                        models().embedder(),
                        models().languages().get(),
                        models().analysts(),
                        calls,
                        clock,
                        enrichmentSettings)
                .build();
    }

    private Topology capture() {
        return new CaptureTopology(serdes, catalog, sources, captureSettings, calls, clock).topology();
    }

    private Topology vectorIngestion() {
        return new VectorIngestionTopology(
                        serdes, models().embedder(), chunking, catalog, calls, ingestionCounters, ingestionSessions)
                .build();
    }

    private Models models() {
        return models.orElseThrow(() -> new IllegalStateException("There is no embedding model on this instance"));
    }

    Optional<VectorIndexTopology> vectorIndex() {
        return models.map(Models::vectorIndex);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    ChatSettings chatSettings() {
        return chatSettings;
    }

    ModelUsage modelUsage() {
        return modelUsage;
    }

    IngestionCounters ingestionCounters() {
        return ingestionCounters;
    }

    StageRuntime calls() {
        return calls;
    }

    @Override
    public void close() {
        calls.close();
        sources.close();
    }
}
