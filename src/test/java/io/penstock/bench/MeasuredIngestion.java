package io.penstock.bench;

import io.penstock.bench.RealTexts.Document;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.ingest.ChunkedText;
import io.penstock.ingest.Chunker;
import io.penstock.ingest.ChunkingSettings;
import io.penstock.schema.Chunk;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Ingestion with a broker of its own, and what both use of the machine. Used by one thread. */
final class MeasuredIngestion implements AutoCloseable {
    private static final CompilationMXBean COMPILERS = ManagementFactory.getCompilationMXBean();

    private final MeasuredProcess broker;
    private final OnnxEmbedder embedder;
    private final IngestionRig rig;

    private MeasuredIngestion(MeasuredProcess broker, OnnxEmbedder embedder, IngestionRig rig) {
        this.broker = broker;
        this.embedder = embedder;
        this.rig = rig;
    }

    static MeasuredIngestion open(Path folder, EmbeddingSettings settings) throws IOException {
        Files.createDirectories(folder);
        MeasuredProcess broker = MeasuredProcess.program(
                BrokerProgram.class,
                folder.resolve("broker.log"),
                folder.resolve("kafka").toString());
        OnnxEmbedder embedder = OnnxEmbedder.open(settings);
        IngestionRig rig = new IngestionRig(folder.resolve("streams"), broker.answer(), embedder, settings.sessions());
        return new MeasuredIngestion(broker, embedder, rig);
    }

    /** What ingestion embeds of the documents; equal chunks of one document once, as it does. */
    List<String> chunks(List<Document> documents) {
        Chunker chunker = new Chunker(embedder, ChunkingSettings.defaults());
        List<String> chunks = new ArrayList<>();
        for (Document document : documents) {
            ChunkedText chunked = chunker.chunk(document.label(), null, document.text());
            Set<String> embedded = new LinkedHashSet<>();
            chunked.chunks().forEach(chunk -> embedded.add(chunked.embedded(chunk)));
            chunks.addAll(embedded);
        }
        return List.copyOf(chunks);
    }

    /**
     * One run.
     *
     * @param seconds from the first record sent to the last committed chunk read
     * @param cores what this process used
     * @param brokerCores what the broker's process used
     * @param compilerCores for how much of the time the compilers of both were at work, waits for a core included
     */
    record Run(long tokens, double seconds, double cores, double brokerCores, double compilerCores) {
        double tokensPerSecond() {
            return tokens / seconds;
        }
    }

    /** @param run name of this run, which no other has */
    Run ingest(String run, List<Document> documents, Consumer<Chunk> seen) throws Exception {
        double compiledBefore = compilerSeconds();
        long tokensBefore = embedder.tokensEmbedded();
        Duration ownBefore = own();
        Duration brokerBefore = broker.cpu();
        double seconds = rig.ingest(run, documents, seen);
        double ownSeconds = seconds(own().minus(ownBefore));
        double brokerSeconds = seconds(broker.cpu().minus(brokerBefore));
        long tokens = embedder.tokensEmbedded() - tokensBefore;
        return new Run(
                tokens,
                seconds,
                ownSeconds / seconds,
                brokerSeconds / seconds,
                (compilerSeconds() - compiledBefore) / seconds);
    }

    private double compilerSeconds() throws IOException, InterruptedException {
        return COMPILERS.getTotalCompilationTime() / 1e3 + seconds(broker.compiling());
    }

    private static Duration own() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    @Override
    public void close() throws IOException {
        rig.close();
        embedder.close();
        broker.close();
    }
}
