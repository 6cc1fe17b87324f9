package io.penstock.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.bench.RealTexts.Document;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.ingest.Chunker;
import io.penstock.ingest.ChunkingSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A large collection through the running application, segment after segment, and all of it once more: whether everything is there
 * exactly once, what each item costs as the stores and the index grow, and how much memory it takes.
 *
 * <p>Chunks are short, unless told otherwise: what grows with the volume is everything but the model, whose work for each chunk
 * is the same at the end as at the start and would cover it up.
 */
final class VolumeBenchmark implements Benchmark {
    private static final String TOPIC = "volume";
    private static final int ITEMS = 20_000;
    private static final int CHUNK_TOKENS = 48;

    /** Each is collected by a run of its own. */
    private static final int SEGMENTS = 20;

    private static final int LEAST_ITEMS = 15;

    /** The first segment warms everything up; the next fifth is the start, the last fifth is the end. */
    private static final int COMPARED_SHARE = 5;

    private static final int CHUNKS_PER_ITEM = 5;
    private static final double CHARACTERS_PER_TOKEN = 4.4;
    private static final int PAGE = 1_000;

    @Override
    public String name() {
        return "volume";
    }

    @Override
    public String about() {
        return "cost, memory and counts of a large collection: [ITEMS, " + ITEMS + "] [TOKENS of a chunk, "
                + CHUNK_TOKENS + "]";
    }

    /** @param chunking what the application is told, too */
    record Plan(int items, ChunkingSettings chunking) {
        int segments() {
            return Math.clamp(items / LEAST_ITEMS, 1, SEGMENTS);
        }

        /** The first item of a segment. */
        int first(int segment) {
            return (int) ((long) items * segment / segments());
        }
    }

    @Override
    public Measurement with(List<String> arguments) {
        Numbers numbers = Numbers.of(name(), arguments, "ITEMS and TOKENS", 2);
        int tokens = numbers.at(1, CHUNK_TOKENS, 400);
        if (tokens < 16) {
            throw new IllegalArgumentException("bench volume takes at least 16 tokens for a chunk");
        }
        ChunkingSettings chunking = ChunkingSettings.defaults().withTokens(tokens, 0);
        Plan plan = new Plan(numbers.at(0, ITEMS, 200_000), chunking);
        RealTexts.require();
        return (folder, out) -> {
            Map<String, String> settings =
                    Map.of("PENSTOCK_CHUNK_TOKENS", Integer.toString(tokens), "PENSTOCK_CHUNK_OVERLAP", "0");
            try (RunningPenstock penstock = RunningPenstock.start(folder, settings)) {
                return measure(penstock, plan, folder, out);
            }
        };
    }

    static ObjectNode measure(RunningPenstock penstock, Plan plan, Path folder, PrintStream out) throws Exception {
        out.println("Writing " + plan.items() + " texts ...");
        int expectedChunks = write(penstock, plan, folder);
        List<String> segments = prepare(penstock, plan);
        out.println("Collecting them, which makes " + expectedChunks + " chunks ...");
        try (MemoryWatch memory = new MemoryWatch(penstock.process())) {
            Volume volume = new Volume(plan, expectedChunks, penstock.process().residentMib());
            for (int segment = 0; segment < segments.size(); segment++) {
                int items = plan.first(segment + 1) - plan.first(segment);
                out.println(volume.add(collect(penstock, List.of(segments.get(segment)), items, "indexed", memory)));
            }
            out.println("Collecting all of them again ...");
            double embeddedBefore = penstock.metric("penstock_embedding_texts_total");
            volume.again(
                    collect(penstock, segments, plan.items(), "unchanged", memory),
                    Math.round(penstock.metric("penstock_embedding_texts_total") - embeddedBefore));
            out.println("Counting ...");
            volume.counted(
                    records(penstock, segments),
                    LivingChunks.count(penstock.bootstrapServers(), TOPIC),
                    entries(penstock, "vector-index"),
                    penstock.process().residentMib());
            volume.print(out);
            return volume.figures();
        }
    }

    /** Writes the texts where the processors read them; the answer is how many chunks they make. */
    private static int write(RunningPenstock penstock, Plan plan, Path folder) throws IOException {
        int characters = (int) (CHUNKS_PER_ITEM * plan.chunking().targetTokens() * CHARACTERS_PER_TOKEN);
        VolumeTexts texts = new VolumeTexts(characters);
        Path items = Files.createDirectories(penstock.config().resolve("items"));
        int chunks = 0;
        try (OnnxEmbedder tokenizer = OnnxEmbedder.open(
                EmbeddingSettings.defaults().withSessions(1).withNativeFolder(folder.resolve("native")))) {
            Chunker chunker = new Chunker(tokenizer, plan.chunking());
            for (int i = 0; i < plan.items(); i++) {
                Document text = texts.text(i);
                Files.writeString(items.resolve(text.item() + ".txt"), text.text());
                chunks +=
                        chunker.chunk(text.label(), null, text.text()).chunks().size();
            }
        }
        return chunks;
    }

    private static List<String> prepare(RunningPenstock penstock, Plan plan) throws Exception {
        List<String> segments = new ArrayList<>();
        for (int i = 0; i < plan.segments(); i++) {
            segments.add(String.format(Locale.ROOT, "part-%02d", i));
        }
        penstock.create(TOPIC, segments);
        for (int i = 0; i < plan.segments(); i++) {
            ObjectNode processor = RunningPenstock.JSON
                    .createObjectNode()
                    .put("topic", TOPIC)
                    .put("segment", segments.get(i))
                    .put("batch_size", 32)
                    .put("api_rate_limit", 0);
            processor.putObject("source").put("type", "file").put("uri", "items/{value}.txt");
            ArrayNode list = processor.putArray("data_list");
            for (int item = plan.first(i); item < plan.first(i + 1); item++) {
                list.addObject()
                        .put("value", String.format(Locale.ROOT, "item-%06d", item))
                        .put("label", "Text " + item);
            }
            penstock.putProcessor("volume-" + i, processor);
        }
        return segments;
    }

    /**
     * What one collection took.
     *
     * @param exact whether the run counted each item once, and nothing else
     * @param peakMib the most memory meanwhile
     */
    private record Collected(int items, boolean exact, double seconds, Duration cpu, double peakMib) {
        double cpuMsPerItem() {
            return cpu.toNanos() / 1e6 / items;
        }

        double msPerItem() {
            return seconds * 1e3 / items;
        }
    }

    private static Collected collect(
            RunningPenstock penstock, List<String> segments, int items, String outcome, MemoryWatch memory)
            throws Exception {
        memory.takePeakMib();
        Duration cpu = penstock.process().cpu();
        long begin = System.nanoTime();
        JsonNode run = penstock.collected(TOPIC, segments);
        double seconds = (System.nanoTime() - begin) / 1e9;
        JsonNode counts = run.path("counts");
        boolean exact = run.path("state").asText().equals("DONE")
                && counts.path("tasks").asInt() == items
                && counts.path("captured").asInt() == items
                && counts.path(outcome).asInt() == items
                && counts.path("indexed").asInt() + counts.path("unchanged").asInt() == items
                && counts.path("failed").asInt() + counts.path("rejected").asInt() == 0;
        return new Collected(items, exact, seconds, penstock.process().cpu().minus(cpu), memory.takePeakMib());
    }

    private static int records(RunningPenstock penstock, List<String> segments) throws Exception {
        int records = 0;
        for (String segment : segments) {
            records += pages(penstock, "/api/topics/" + TOPIC + "/segments/" + segment + "/records?", "records");
        }
        return records;
    }

    private static int entries(RunningPenstock penstock, String store) throws Exception {
        return pages(penstock, "/api/stores/" + store + "?prefix=" + TOPIC + "/&", "entries");
    }

    private static int pages(RunningPenstock penstock, String path, String field) throws Exception {
        int count = 0;
        String after = "";
        while (true) {
            JsonNode page = penstock.get(path + "limit=" + PAGE + after);
            count += page.path(field).size();
            if (!page.path("next").isTextual()) {
                return count;
            }
            after = "&after=" + URLEncoder.encode(page.path("next").asText(), StandardCharsets.UTF_8);
        }
    }

    /** All that was measured, in its order. */
    private static final class Volume {
        private final Plan plan;
        private final int expectedChunks;
        private final double idleMib;
        private final List<Collected> first = new ArrayList<>();
        private double secondSeconds;
        private boolean secondExact;
        private long secondEmbeddings = -1;
        private double peakMib;
        private double endMib;
        private int records;
        private int chunks;
        private int indexed;

        Volume(Plan plan, int expectedChunks, double idleMib) {
            this.plan = plan;
            this.expectedChunks = expectedChunks;
            this.idleMib = idleMib;
        }

        String add(Collected collected) {
            first.add(collected);
            peakMib = Math.max(peakMib, collected.peakMib());
            return String.format(
                    Locale.ROOT,
                    "  %6d items, %s: %.1f items/s, %.2f ms of processor time each, at most %.0f MiB",
                    first.stream().mapToInt(Collected::items).sum(),
                    collected.exact() ? "exact" : "NOT EXACT",
                    collected.items() / collected.seconds(),
                    collected.cpuMsPerItem(),
                    collected.peakMib());
        }

        void again(Collected collected, long embeddings) {
            secondSeconds = collected.seconds();
            secondExact = collected.exact();
            secondEmbeddings = embeddings;
            peakMib = Math.max(peakMib, collected.peakMib());
        }

        void counted(int newRecords, int newChunks, int newIndexed, double newEndMib) {
            records = newRecords;
            chunks = newChunks;
            indexed = newIndexed;
            endMib = newEndMib;
        }

        private boolean exact() {
            return first.stream().allMatch(Collected::exact)
                    && secondExact
                    && records == plan.items()
                    && chunks == expectedChunks
                    && indexed == expectedChunks;
        }

        private int compared() {
            return Math.max(1, first.size() / COMPARED_SHARE);
        }

        private List<Collected> atStart() {
            int warm = first.size() > 1 ? 1 : 0;
            return first.subList(warm, Math.min(first.size(), warm + compared()));
        }

        private List<Collected> atEnd() {
            return first.subList(first.size() - compared(), first.size());
        }

        private static double cpu(List<Collected> some) {
            return Samples.of(some.stream().map(Collected::cpuMsPerItem).toList())
                    .median();
        }

        private static double time(List<Collected> some) {
            return Samples.of(some.stream().map(Collected::msPerItem).toList()).median();
        }

        private double firstSeconds() {
            return first.stream().mapToDouble(Collected::seconds).sum();
        }

        void print(PrintStream out) {
            out.println();
            Table costs = new Table("each item, median of segments", "at the start", "at the end", "ratio");
            row(costs, "processor time, ms", cpu(atStart()), cpu(atEnd()));
            row(costs, "time, ms", time(atStart()), time(atEnd()));
            costs.print(out);
            out.println();
            Table table = new Table("", "expected", "found");
            table.row("records", Integer.toString(plan.items()), Integer.toString(records));
            table.row("chunks on Kafka", Integer.toString(expectedChunks), Integer.toString(chunks));
            table.row("chunks in the index", Integer.toString(expectedChunks), Integer.toString(indexed));
            table.row("embedding calls of the second collection", "0", Long.toString(secondEmbeddings));
            table.print(out);
            out.println();
            out.printf(
                    Locale.ROOT,
                    "Memory: %.0f MiB before, at most %.0f MiB, %.0f MiB after a collection of garbage at the end.%n",
                    idleMib,
                    peakMib,
                    endMib);
            out.printf(
                    Locale.ROOT,
                    "Items a second: %.1f the first time, %.1f the second time.%n%n",
                    plan.items() / firstSeconds(),
                    plan.items() / secondSeconds);
        }

        private static void row(Table table, String name, double start, double end) {
            table.row(
                    name,
                    String.format(Locale.ROOT, "%.2f", start),
                    String.format(Locale.ROOT, "%.2f", end),
                    String.format(Locale.ROOT, "%.3f", end / start));
        }

        ObjectNode figures() {
            return RunningPenstock.JSON
                    .createObjectNode()
                    .put("items", plan.items())
                    .put("chunks", chunks)
                    .put("counts_exact", exact())
                    .put("second_embeddings", secondEmbeddings)
                    .put("cost_growth", Numbers.rounded(cpu(atEnd()) / cpu(atStart())))
                    .put("time_growth", Numbers.rounded(time(atEnd()) / time(atStart())))
                    .put("rss_mib", Math.round(peakMib))
                    .put("rss_before_mib", Math.round(idleMib))
                    .put("rss_after_mib", Math.round(endMib))
                    .put("items_per_s", Numbers.rounded(plan.items() / firstSeconds()))
                    .put("second_items_per_s", Numbers.rounded(plan.items() / secondSeconds));
        }
    }
}
