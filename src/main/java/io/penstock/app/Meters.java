package io.penstock.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.answer.ModelUsage;
import io.penstock.chat.BridgeCounters;
import io.penstock.chat.ChatBridge;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.error.ErrorCode;
import io.penstock.topology.HostedTopology;
import java.util.Locale;

/** Metrics of Penstock's own; those of HTTP and the JVM come with Quarkus. */
final class Meters {
    private Meters() {}

    static void bind(MeterRegistry meters, Penstock penstock) {
        Gauge.builder(
                        "penstock.topologies.ready",
                        penstock,
                        p -> p.host().all().stream()
                                .filter(HostedTopology::isReady)
                                .count())
                .description("Topologies that work")
                .register(meters);
        Gauge.builder("penstock.topologies", penstock, p -> p.host().all().size())
                .description("Topologies hosted here")
                .register(meters);
        Gauge.builder(
                        "penstock.instances",
                        penstock,
                        p -> 1 + p.cluster().alive().size())
                .description("Instances that are alive, as this one sees")
                .register(meters);
        FunctionCounter.builder(
                        "penstock.topology.restarts",
                        penstock,
                        p -> p.host().all().stream()
                                .mapToInt(HostedTopology::restarts)
                                .sum())
                .description("Failed instances that were replaced")
                .register(meters);
        FunctionCounter.builder(
                        "penstock.embedding.texts",
                        penstock,
                        p -> p.embedder().map(OnnxEmbedder::textsEmbedded).orElse(0L))
                .description("Texts embedded")
                .register(meters);
        FunctionCounter.builder(
                        "penstock.embedding.tokens",
                        penstock,
                        p -> p.embedder().map(OnnxEmbedder::tokensEmbedded).orElse(0L))
                .description("Tokens embedded")
                .register(meters);
        FunctionCounter.builder(
                        "penstock.embedding.remembered",
                        penstock,
                        p -> p.embedder().map(OnnxEmbedder::textsRemembered).orElse(0L))
                .description(
                        "Texts of questions, and of what was found for them, that were not embedded because their vectors were known")
                .register(meters);
        for (boolean ofQuestions : new boolean[] {true, false}) {
            Gauge.builder(
                            "penstock.embedding.waiting",
                            penstock,
                            p -> p.embedder()
                                    .map(embedder ->
                                            ofQuestions ? embedder.questionsWaiting() : embedder.documentsWaiting())
                                    .orElse(0))
                    .tag("line", ofQuestions ? "questions" : "documents")
                    .description("Texts that wait for a session of the embedding model")
                    .register(meters);
        }
        FunctionCounter.builder(
                        "penstock.ingestion.chunks.embedded",
                        penstock,
                        p -> p.topologies().ingestionCounters().chunksEmbedded())
                .description("Chunks whose text was new and was embedded")
                .register(meters);
        FunctionCounter.builder(
                        "penstock.ingestion.chunks.reused",
                        penstock,
                        p -> p.topologies().ingestionCounters().chunksReused())
                .description("Chunks whose vector was known")
                .register(meters);
        FunctionCounter.builder(
                        "penstock.ingestion.chunks.written",
                        penstock,
                        p -> p.topologies().ingestionCounters().chunksWritten())
                .description("Chunks written because they were new or changed, if only by their place")
                .register(meters);
        FunctionCounter.builder(
                        "penstock.ingestion.chunks.removed",
                        penstock,
                        p -> p.topologies().ingestionCounters().chunksRemoved())
                .description("Chunks removed because their record or their text has gone")
                .register(meters);
        FunctionCounter.builder(
                        "penstock.index.chunks.restored",
                        penstock,
                        p -> p.topologies()
                                .vectorIndex()
                                .map(index -> index.activity().restored())
                                .orElse(0L))
                .description("Chunks replayed into the index since the start")
                .register(meters);
        bindChat(meters, penstock.chat());
        bindModels(meters, penstock.topologies().modelUsage());
        StageMeters.bind(meters, penstock.topologies().calls());
        CaptureMeters.bind(meters, penstock.topologies().sources());
        MirrorMeters.bind(meters, penstock.mirrors());
    }

    private static void bindChat(MeterRegistry meters, ChatBridge chat) {
        Gauge.builder("penstock.chat.in.flight", chat, ChatBridge::inFlight)
                .description("Questions and streams that wait for their replies here")
                .register(meters);
        FunctionCounter.builder("penstock.chat.timeouts", chat.counters(), BridgeCounters::timeouts)
                .description("Questions to which there was no reply in time")
                .register(meters);
        FunctionCounter.builder("penstock.chat.cancelled", chat.counters(), BridgeCounters::cancelled)
                .description("Questions that were cancelled because nobody waited any more")
                .register(meters);
        FunctionCounter.builder("penstock.chat.resumed", chat.counters(), BridgeCounters::resumed)
                .description("Streams that were resumed here")
                .register(meters);
        FunctionCounter.builder("penstock.chat.handed.over", chat.counters(), BridgeCounters::handedOver)
                .description("Whole replies that were written here and given away without being read again")
                .register(meters);
    }

    private static void bindModels(MeterRegistry meters, ModelUsage usage) {
        for (ModelUsage.Use use : ModelUsage.Use.values()) {
            String tag = use.name().toLowerCase(Locale.ROOT);
            ModelUsage.Counts counts = usage.of(use);
            FunctionCounter.builder("penstock.llm.calls", counts, ModelUsage.Counts::calls)
                    .tag("use", tag)
                    .description("Calls to language models, those included that failed")
                    .register(meters);
            FunctionCounter.builder("penstock.llm.tokens", counts, ModelUsage.Counts::promptTokens)
                    .tags("use", tag, "kind", "prompt")
                    .description("Tokens that language models were sent or wrote, as their endpoints count them")
                    .register(meters);
            FunctionCounter.builder("penstock.llm.tokens", counts, ModelUsage.Counts::completionTokens)
                    .tags("use", tag, "kind", "completion")
                    .description("Tokens that language models were sent or wrote, as their endpoints count them")
                    .register(meters);
            for (ErrorCode code : ModelUsage.FAILURES) {
                FunctionCounter.builder("penstock.llm.failures", counts, counted -> counted.failures(code))
                        .tags("use", tag, "code", code.code())
                        .description("Calls to language models that failed")
                        .register(meters);
            }
        }
    }
}
