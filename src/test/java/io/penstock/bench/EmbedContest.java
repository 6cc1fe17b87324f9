package io.penstock.bench;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import io.penstock.bench.RealTexts.Document;
import io.penstock.embedding.Vectors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ingestion, a bare loop and perhaps LangChain4j embed the same texts in turns: tokens a second of each, round by round. Used by
 * one thread.
 */
final class EmbedContest {
    /** Beginnings of texts make as much work for all but the model as whole ones, and hardly any for the model. */
    private static final int OPENING_CHARACTERS = 60;

    private static final int OPENINGS_OF_EACH = 8;

    /** Everybody is warm when the compilers were at work for less than so much of the time of one core. */
    private static final double STEADY_COMPILER_CORES = 0.05;

    private static final int MOST_WARM_UPS = 8;

    private final MeasuredIngestion ingestion;
    private final BareLoop bare;
    private final @Nullable EmbeddingModel langChain4j;
    private final List<Document> documents;
    private final List<String> chunks;
    private final List<TextSegment> segments;
    private final List<MeasuredIngestion.Run> runs = new ArrayList<>();
    private final List<Double> limit = new ArrayList<>();
    private final List<Double> theirs = new ArrayList<>();
    private long tokens;

    /** @param langChain4j null leaves it out */
    EmbedContest(
            MeasuredIngestion ingestion,
            BareLoop bare,
            @Nullable EmbeddingModel langChain4j,
            List<Document> documents) {
        this.ingestion = ingestion;
        this.bare = bare;
        this.langChain4j = langChain4j;
        this.documents = documents;
        this.chunks = ingestion.chunks(documents);
        this.segments = chunks.stream().map(TextSegment::from).toList();
    }

    /** A proof that ingestion's vectors are those of the bare loop, bit by bit. */
    void compareVectors() throws Exception {
        BareLoop.Embedded expected = bare.embed(chunks);
        Set<ByteBuffer> vectors = new LinkedHashSet<>();
        expected.vectors().forEach(vector -> vectors.add(Vectors.encode(vector)));
        tokens = expected.tokens();
        Set<ByteBuffer> found = new LinkedHashSet<>();
        requireAll(ingestion.ingest("vectors", documents, chunk -> found.add(chunk.getEmbedding())));
        if (!found.equals(vectors)) {
            throw new IllegalStateException("ingestion wrote other vectors than the bare loop computes: " + found.size()
                    + " and " + vectors.size());
        }
        if (langChain4j != null && langChain4j.embedAll(segments).content().size() != segments.size()) {
            throw new IllegalStateException("LangChain4j has left texts out");
        }
    }

    /**
     * Rounds that do not count, until they are as those of a process that has worked for long. Ingestion and its broker are so much
     * more code than a loop that the compiler would be busy with them for many more rounds than anybody waits for. All take part in each
     * round, so that nobody is colder than the others.
     *
     * @return how many rounds that were
     */
    int warmUp() throws Exception {
        List<Document> openings = openings();
        for (int warmUp = 1; ; warmUp++) {
            ingestion.ingest("openings-" + warmUp, openings, _ -> {});
            round("warm-up-" + warmUp, warmUp);
            boolean steady = runs.getLast().compilerCores() < STEADY_COMPILER_CORES;
            runs.clear();
            limit.clear();
            theirs.clear();
            if (steady || warmUp == MOST_WARM_UPS) {
                return warmUp;
            }
        }
    }

    private List<Document> openings() {
        List<Document> openings = new ArrayList<>();
        for (int of = 1; of <= OPENINGS_OF_EACH; of++) {
            for (Document document : documents) {
                String text = document.text();
                openings.add(new Document(
                        document.item() + "-opening-" + of,
                        document.label(),
                        text.substring(0, Math.min(OPENING_CHARACTERS, text.length()))));
            }
        }
        return openings;
    }

    void round(int round) throws Exception {
        round("round-" + round, round);
    }

    private interface Turn {
        void take() throws Exception;
    }

    /** Who goes first changes with each round. */
    private void round(String name, int round) throws Exception {
        List<Turn> turns = new ArrayList<>(List.of(
                () -> runs.add(requireAll(ingestion.ingest(name, documents, _ -> {}))), () -> limit.add(loop())));
        EmbeddingModel other = langChain4j;
        if (other != null) {
            turns.add(() -> theirs.add(embedAll(other)));
        }
        Collections.rotate(turns, round);
        for (Turn turn : turns) {
            turn.take();
        }
    }

    private MeasuredIngestion.Run requireAll(MeasuredIngestion.Run run) {
        if (run.tokens() != tokens) {
            throw new IllegalStateException("ingestion embedded " + run.tokens() + " tokens, the bare loop " + tokens);
        }
        return run;
    }

    private double loop() throws Exception {
        long begin = System.nanoTime();
        bare.embed(chunks);
        return tokens / secondsSince(begin);
    }

    private double embedAll(EmbeddingModel other) {
        long begin = System.nanoTime();
        other.embedAll(segments);
        return tokens / secondsSince(begin);
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    int chunks() {
        return chunks.size();
    }

    long tokens() {
        return tokens;
    }

    double ingestion() {
        return Samples.of(ingested()).median();
    }

    double bareLoop() {
        return Samples.of(limit).median();
    }

    double langChain4j() {
        return Samples.of(theirs).median();
    }

    /** The median of the ratios of all rounds. */
    double ratioToBareLoop() {
        return medianRatio(limit);
    }

    double ratioToLangChain4j() {
        return medianRatio(theirs);
    }

    private List<Double> ingested() {
        return runs.stream().map(MeasuredIngestion.Run::tokensPerSecond).toList();
    }

    private double medianRatio(List<Double> others) {
        List<Double> ours = ingested();
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(ours.get(i) / others.get(i));
        }
        return Samples.of(ratios).median();
    }

    String newest() {
        MeasuredIngestion.Run run = runs.getLast();
        double ours = run.tokensPerSecond();
        String other = theirs.isEmpty()
                ? ""
                : String.format(Locale.ROOT, ", LangChain4j %.0f (%.3f)", theirs.getLast(), ours / theirs.getLast());
        return String.format(
                Locale.ROOT,
                "ingestion %.0f tokens/s, bare loop %.0f (%.3f)%s; cores used: ingestion %.2f, its broker %.2f;"
                        + " compilers at work %.2f",
                ours,
                limit.getLast(),
                ours / limit.getLast(),
                other,
                run.cores(),
                run.brokerCores(),
                run.compilerCores());
    }
}
