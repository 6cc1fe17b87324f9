package io.penstock.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.embedding.EmbeddingSettings;
import io.penstock.embedding.OnnxEmbedder;
import io.penstock.kafka.KafkaSettings;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.serde.AvroSerdes;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.awaitility.Awaitility;

/**
 * How well, how fast and how steadily the vector index is searched, at several sizes: in this process in turns with bare Lucene over
 * the same index and with LangChain4j's store in memory, and over HTTP in the packaged application, where the question is embedded
 * too.
 */
final class SearchBenchmark implements Benchmark {
    private static final int HTTP_CALLS = 1_000;
    private static final int LOADED_CALLS = 200;
    private static final int WARM_UP_CALLS = 200;
    private static final int QUIET_SECONDS = 3;
    private static final int MOST = 300_000;
    /** More than the model embeds on the machines that this is made for. */
    private static final int ARRIVING = 300;

    private static final Duration LOADED_FOR = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    public String name() {
        return "search";
    }

    @Override
    public String about() {
        return "the vector index beside bare Lucene and LangChain4j: [CHUNKS, 10000] [CHUNKS, 100000]";
    }

    @Override
    public Measurement with(List<String> arguments) {
        Numbers numbers = Numbers.of("search", arguments, "two numbers of CHUNKS", 2);
        TreeSet<Integer> sizes = new TreeSet<>();
        sizes.add(numbers.at(0, 10_000, MOST));
        if (arguments.size() != 1) {
            sizes.add(numbers.at(1, 100_000, MOST));
        }
        RealTexts.require();
        return (folder, out) -> run(List.copyOf(sizes), folder, out);
    }

    private static ObjectNode run(List<Integer> sizes, Path folder, PrintStream out) throws Exception {
        MixedChunks chunks;
        EmbeddingSettings settings = EmbeddingSettings.defaults().withNativeFolder(folder.resolve("native"));
        try (OnnxEmbedder embedder = OnnxEmbedder.open(settings)) {
            out.println("Embedding the texts that the chunks are mixed from ...");
            chunks = MixedChunks.of(embedder);
        }
        ObjectNode bySize = JsonNodeFactory.instance.objectNode();
        for (int size : sizes) {
            try (IndexContest contest =
                    new IndexContest(folder.resolve("in-" + size), chunks, size, ARRIVING, LOADED_FOR, out)) {
                bySize.set(Integer.toString(size), contest.run());
            }
        }
        overHttp(sizes, chunks, Files.createDirectories(folder.resolve("application")), bySize, out);
        ObjectNode figures = JsonNodeFactory.instance.objectNode();
        worst(figures, bySize, "recall_10", false);
        worst(figures, bySize, "p50_ratio", true);
        worst(figures, bySize, "p99_http_ms", true);
        worst(figures, bySize, "index_ratio", false);
        worst(figures, bySize, "loaded_p50_ratio", true);
        worst(figures, bySize, "loaded_p99_ratio", true);
        worst(figures, bySize, "recall_10_filtered", false);
        figures.set("by_size", bySize);
        return figures;
    }

    /** Of all sizes. */
    private static void worst(ObjectNode figures, ObjectNode bySize, String name, boolean lessIsBetter) {
        double worst = lessIsBetter ? 0 : Double.MAX_VALUE;
        for (var size : bySize) {
            double value = size.get(name).asDouble();
            worst = lessIsBetter ? Math.max(worst, value) : Math.min(worst, value);
        }
        figures.put(name, worst);
    }

    private static void overHttp(
            List<Integer> sizes, MixedChunks chunks, Path folder, ObjectNode bySize, PrintStream out) throws Exception {
        PenstockClient client = new PenstockClient(folder);
        Table table = new Table("over HTTP, hybrid, the question embedded", "p50, ms", "p99, ms");
        try (MeasuredProcess penstock = MeasuredProcess.application(environment(folder), client.log())) {
            client.awaitReady(penstock);
            KafkaSettings kafka = new KafkaSettings(client.bootstrapServers(), Map.of(), (short) 1);
            try (EmbeddedRegistry registry = EmbeddedRegistry.start(kafka);
                    IndexRig.Sender sender = new IndexRig.Sender(kafka, new AvroSerdes(registry))) {
                int number = 0;
                for (int size : sizes) {
                    while (number < size) {
                        sender.send(chunks, number++);
                    }
                    sender.flush();
                    awaitIndexed(client, size);
                    awaitRest(penstock);
                    int rounds = WarmUp.untilRest(penstock::compiling, () -> calls(client, chunks, WARM_UP_CALLS));
                    out.printf("%d chunks over HTTP: warm after %d calls%n", size, rounds * WARM_UP_CALLS);
                    Samples rest = calls(client, chunks, HTTP_CALLS);
                    Samples loaded;
                    int first = number;
                    try (IndexContest.Load load =
                            new IndexContest.Load(ARRIVING, first, added -> sender.send(chunks, added))) {
                        loaded = calls(client, chunks, LOADED_CALLS);
                        number += load.sent();
                    }
                    table.row(size + " chunks", figure(rest.median()), figure(rest.percentile(99)));
                    table.row(
                            size + " chunks, and " + ARRIVING + " more each second",
                            figure(loaded.median()),
                            figure(loaded.percentile(99)));
                    ((ObjectNode) bySize.get(Integer.toString(size)))
                            .put("p50_http_ms", Numbers.rounded(rest.median()))
                            .put("p99_http_ms", Numbers.rounded(rest.percentile(99)))
                            .put("loaded_p50_http_ms", Numbers.rounded(loaded.median()))
                            .put("loaded_p99_http_ms", Numbers.rounded(loaded.percentile(99)));
                }
            }
        }
        table.print(out);
        out.println();
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static Samples calls(PenstockClient client, MixedChunks chunks, int count) throws Exception {
        List<Double> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String question = chunks.questions().get(i % chunks.questions().size());
            String path = "/api/search?k=10&q=" + URLEncoder.encode(question, StandardCharsets.UTF_8);
            long begin = System.nanoTime();
            HttpResponse<String> answer = client.send(path, null);
            double ms = (System.nanoTime() - begin) / 1e6;
            if (answer.statusCode() != 200
                    || JSON.readTree(answer.body()).at("/hits").isEmpty()) {
                throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
            }
            taken.add(ms);
        }
        return Samples.of(taken);
    }

    private static void awaitIndexed(PenstockClient client, int size) {
        Awaitility.await(size + " chunks are in the index")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    for (var store : JSON.readTree(
                                    client.send("/api/stores", null).body())
                            .get("stores")) {
                        if (store.get("name").asText().equals("vector-index")) {
                            return store.get("entries").asLong() >= size;
                        }
                    }
                    return false;
                });
    }

    private static void awaitRest(MeasuredProcess penstock) {
        Duration[] before = {Duration.ZERO};
        int[] quiet = {0};
        Awaitility.await("Penstock comes to rest")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    Duration used = penstock.cpu().minus(before[0]);
                    before[0] = penstock.cpu();
                    quiet[0] = used.toMillis() < 200 ? quiet[0] + 1 : 0;
                    return quiet[0] == QUIET_SECONDS;
                });
    }

    private static Map<String, String> environment(Path folder) throws Exception {
        return Map.of(
                "PENSTOCK_PORT",
                "0",
                "PENSTOCK_KAFKA_PORT",
                "0",
                "PENSTOCK_DATA",
                folder.resolve("data").toString(),
                "PENSTOCK_CONFIG",
                Files.createDirectories(folder.resolve("config")).toString(),
                "PENSTOCK_TOPOLOGIES",
                Path.of("topologies").toAbsolutePath().toString(),
                // The questions come again; what is measured is the way of one that nobody has asked before.
                "PENSTOCK_EMBEDDING_REMEMBERED_MIB",
                "0");
    }
}
