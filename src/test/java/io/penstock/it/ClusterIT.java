package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.docker.ComposeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Several instances on one broker: three by role, as the compose file has them, then three that run everything and take over what
 * the others left, and those restarted in the middle of a run: one in the regular run; {@code ./penstock soak cluster} restarts one
 * after another, and prints what is written to {@code target/soak/cluster.json}.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
    private static final String KEY = "one-key-for-all-instances";
    private static final int NTH_STATEMENT = 4;
    private static final int STATEMENTS = Statements.COUNT / NTH_STATEMENT;
    private static final Duration SETTLED = Duration.ofSeconds(60);
    private static final int RESTARTS = Integer.getInteger("penstock.soak.restarts", 1);
    /** Captured while one instance is restarted and for some time after, at the rate of {@link #manyNotes}. */
    private static final int ITEMS_PER_RESTART = 200;

    private static final int ITEMS = RESTARTS * ITEMS_PER_RESTART;
    private static final PenstockProcess BROKER = new PenstockProcess("cluster-broker")
            .with("PENSTOCK_ROLES", "broker")
            .with("PENSTOCK_API_KEY", KEY)
            .withHeap(384);
    private static final List<PenstockProcess> FULL = new ArrayList<>();
    private static final List<String> STORES = List.of(
            "runs",
            "runs-by-time",
            "run-items",
            "records",
            "ledger",
            "enriched",
            "conversations",
            "seen-alerts",
            "waiting-alerts",
            "schedule",
            "pending",
            "catalog",
            "processors",
            "vector-index",
            "replayed",
            "cancelled");

    @BeforeAll
    static void startTheBroker() {
        BROKER.start();
    }

    @AfterAll
    static void stopAll() {
        FULL.forEach(PenstockProcess::close);
        BROKER.close();
    }

    @Test
    @Order(1)
    void shouldRunABrokerAndNothingElseForOthers() {
        assertThat(BROKER.api().get("/registry/subjects").status()).isEqualTo(200);
        Answer refused = BROKER.api().get("/api/catalog");
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.detail()).contains("broker");
    }

    @Test
    @Order(2)
    void shouldGiveTheSameAnswersFromEachOfThreeProcessesByRole() throws Exception {
        Statements.assumePresent();
        List<PenstockProcess> byRole = theServicesOfTheComposeFile();
        try {
            startAll(byRole);
            List<Api> ports = byRole.stream().map(PenstockProcess::api).toList();
            // Each order through another instance than the one that carries it out.
            Statements.prepareEach(NTH_STATEMENT, ports.get(2), Statements.TOPIC, "fomc", 1_000);
            String run =
                    ports.get(1).collect(Statements.TOPIC, Statements.SEGMENT).getFirst();

            assertComplete(ports.get(2).ended(run), STATEMENTS);
            assertSameAnswers(ports, run, Statements.TOPIC);
            assertSameTopologies(ports, 1);
            assertThat(PenstockProcess.text(byRole.get(0).log())).doesNotContain("PENSTOCK_API_KEY must be");

            byRole.get(2).stop();

            Answer search = ports.get(0).get("/api/search?q=rate");
            assertThat(search.status()).isEqualTo(503);
            assertThat(search.detail()).contains("role rag");
            Answer records = ports.get(1).get("/api/topics/economy/segments/statements/records");
            assertThat(records.status()).isEqualTo(503);
            assertThat(records.detail()).contains("vector-ingestion", "role rag");
            assertThat(ports.get(0).ask(Statements.QUESTION, null).status()).isEqualTo(503);
            Answer embeddings =
                    ports.get(0).post("/v1/embeddings", "{\"model\":\"all-MiniLM-L6-v2\",\"input\":\"rate\"}");
            assertThat(embeddings.status()).isEqualTo(503);
            assertThat(embeddings.body().at("/error/message").textValue()).contains("role rag");
        } finally {
            stopAll(byRole);
        }
    }

    @Test
    @Order(3)
    void shouldGiveTheSameAnswersFromEachOfThreeFullInstances() throws Exception {
        Statements.assumePresent();
        List<Api> ports = full();
        awaitReadable(ports);
        // What the others left is taken over, whole.
        assertThat(ports.get(1).records(Statements.TOPIC, Statements.SEGMENT)).hasSize(STATEMENTS);

        Statements.prepareEach(NTH_STATEMENT, ports.get(0), "fed", "fed-statements", 1_000);
        String run = ports.get(1).collect("fed", Statements.SEGMENT).getFirst();

        assertComplete(ports.get(2).ended(run), STATEMENTS);
        assertSameAnswers(ports, run, "fed");
        assertSameTopologies(ports, 3);
    }

    @Test
    @Order(4)
    void shouldLoseAndDoubleNothingWhenRestartedInARun() throws Exception {
        List<Api> ports = full();
        awaitReadable(ports);
        ports.get(0).create("rolling", "notes");
        Api.require(
                ports.get(1).put("/api/processors/rolling-notes", manyNotes().toString()), 201);
        String run = ports.get(2).collect("rolling", "notes").getFirst();
        try (RestlessClient client = new RestlessClient(ports, run, "rolling", "notes")) {
            for (int restart = 0; restart < RESTARTS; restart++) {
                PenstockProcess instance = FULL.get(restart % FULL.size());
                if (restart == 0 || restart < RESTARTS - 1) {
                    assertThat(Api.require(ports.getLast().get("/api/runs/" + run), 200)
                                    .body()
                                    .get("state")
                                    .textValue())
                            .as("the run when %s is restarted", instance.home())
                            .isEqualTo("RUNNING");
                }
                client.restarting(instance.api().url());
                instance.stop();
                instance.start();
                client.restarting("");
                awaitReadable(ports);
            }

            assertComplete(ports.get(0).ended(run), ITEMS);
            // However slow the machine is: it goes on until there are enough.
            await("calls that were answered").atMost(Duration.ofMinutes(1)).until(() -> client.answered() > 100);
            assertThat(client.faults()).isEmpty();
        }
        for (Api port : ports) {
            assertThat(port.records("rolling", "notes"))
                    .hasSize(ITEMS)
                    .extracting(record -> record.get("item").textValue())
                    .doesNotHaveDuplicates();
        }
        try (KafkaReader kafka = new KafkaReader(BROKER)) {
            for (String topic : List.of("raw.rolling", "inference")) {
                assertThat(kafka.values(topic))
                        .filteredOn(record -> run.equals(String.valueOf(record.get("run_id"))))
                        .as(topic)
                        .hasSize(ITEMS)
                        .extracting(record -> String.valueOf(record.get("item")))
                        .doesNotHaveDuplicates();
            }
        }
        PenstockProcess.write(
                Path.of("target", "soak", "cluster.json"),
                Api.JSON
                                .createObjectNode()
                                .put("restarts", RESTARTS)
                                .put("items", ITEMS)
                                .put("lost", 0)
                                .put("doubled", 0)
                        + "\n");
    }

    @Test
    @Order(5)
    void shouldGoOnWithoutAnInstanceThatWasKilled() throws Exception {
        List<Api> ports = full();
        awaitReadable(ports);
        List<Api> others = ports.subList(0, 2);
        List<JsonNode> runs = ports.getFirst().entries("runs", "");
        List<JsonNode> records = ports.getFirst().entries("records", "");

        FULL.getLast().kill();
        awaitReadable(others);

        for (Api port : others) {
            assertThat(port.entries("runs", "")).isEqualTo(runs).isNotEmpty();
            assertThat(port.entries("records", "")).isEqualTo(records).isNotEmpty();
        }
        Awaitility.await("the killed instance is forgotten")
                .atMost(SETTLED)
                .until(() -> others.getFirst()
                                .get("/api/topologies")
                                .body()
                                .get("instances")
                                .size()
                        == 2);
    }

    /** Not more than some a second on each instance, so that the run outlasts the restarts. */
    private static ObjectNode manyNotes() {
        ObjectNode config = Api.JSON
                .createObjectNode()
                .put("topic", "rolling")
                .put("segment", "notes")
                .put("api_rate_limit", 5);
        var list = config.putArray("data_list");
        for (int i = 0; i < ITEMS; i++) {
            list.addObject()
                    .put("value", "n" + (1_000 + i))
                    .put("label", "Note " + i)
                    .put(
                            "text",
                            "The note with the number " + i + " tells what was seen from the lighthouse that day.");
        }
        return config;
    }

    private static PenstockProcess instance(String name) {
        return new PenstockProcess("cluster-" + name)
                .with("PENSTOCK_API_KEY", KEY)
                .with("KAFKA_BOOTSTRAP_SERVERS", BROKER.bootstrapServers())
                .with("PENSTOCK_CAPTURE_FOLDERS", Statements.FOLDER)
                .withFixedPort()
                .withHeap(512);
    }

    /**
     * The services of {@code docker/compose.yaml} as processes: each with the environment that its container has, but for the
     * names of hosts. What stands in for the registry wants the key, which that of the file does not.
     */
    private static List<PenstockProcess> theServicesOfTheComposeFile() throws IOException {
        ComposeFile compose = ComposeFile.read();
        Map<String, Integer> ports = new TreeMap<>();
        Map<String, String> addresses = new TreeMap<>();
        addresses.put("kafka:9092", BROKER.bootstrapServers());
        addresses.put("http://registry:8080/apis/ccompat/v7", BROKER.api().url() + "/registry");
        for (String service : ComposeFile.PENSTOCK_SERVICES) {
            int port = PenstockProcess.freePort();
            ports.put(service, port);
            addresses.put(service + ":8080", "127.0.0.1:" + port);
        }
        List<PenstockProcess> processes = new ArrayList<>();
        for (String service : ComposeFile.PENSTOCK_SERVICES) {
            PenstockProcess process = instance(service);
            compose.environment(service, Map.of("PENSTOCK_API_KEY", KEY), addresses)
                    .forEach(process::with);
            processes.add(process.with("PENSTOCK_PORT", Objects.requireNonNull(ports.get(service)))
                    .with("BASIC_AUTH_CREDENTIALS_SOURCE", "USER_INFO")
                    .with("BASIC_AUTH_USER_INFO", "anyone:" + KEY));
        }
        return processes;
    }

    /** The three full instances, started for the first test that needs them. */
    private static List<Api> full() throws Exception {
        if (FULL.isEmpty()) {
            for (String name : List.of("a", "b", "c")) {
                FULL.add(instance(name));
            }
            startAll(FULL);
        }
        return FULL.stream().map(PenstockProcess::api).toList();
    }

    private static void startAll(List<PenstockProcess> processes) throws Exception {
        all(processes, PenstockProcess::start);
    }

    private static void stopAll(List<PenstockProcess> processes) throws Exception {
        all(processes, PenstockProcess::close);
    }

    private interface Step {
        void on(PenstockProcess process);
    }

    private static void all(List<PenstockProcess> processes, Step step) throws Exception {
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> steps = new ArrayList<>();
            processes.forEach(process -> steps.add(each.submit(() -> step.on(process))));
            for (Future<?> one : steps) {
                try {
                    one.get();
                } catch (ExecutionException e) {
                    throw new AssertionError(e.getCause());
                }
            }
        }
    }

    /** Partitions move when instances come and go; until they have settled, calls say that they are not ready. */
    private static void awaitReadable(List<Api> ports) {
        Awaitility.await("all stores can be read from all instances")
                .atMost(SETTLED)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> ports.stream()
                        .allMatch(port -> STORES.stream()
                                        .allMatch(store -> port.get("/api/stores/" + store + "?limit=1")
                                                        .status()
                                                == 200)
                                && port.get("/api/search?q=any&k=1")
                                                .body()
                                                .at("/shards/answered")
                                                .asInt()
                                        == 4));
    }

    private static void assertComplete(JsonNode run, int items) {
        assertThat(run.get("state").textValue()).as("%s", run).isEqualTo("DONE");
        for (String count : List.of("tasks", "captured", "enriched", "indexed")) {
            assertThat(run.get("counts").get(count).intValue()).as(count).isEqualTo(items);
        }
        for (String count : List.of("unchanged", "rejected", "failed")) {
            assertThat(run.get("counts").get(count).intValue()).as(count).isZero();
        }
    }

    private static void assertSameAnswers(List<Api> ports, String run, String topic) {
        String records = "/api/topics/" + topic + "/segments/statements/records";
        for (String path : List.of(
                "/api/catalog",
                "/api/processors",
                "/api/runs",
                "/api/runs/" + run,
                records + "/20081216",
                "/api/stores/runs/" + run,
                "/api/stores",
                "/api/search?k=10&topic=" + topic + "&q=" + Api.encode("asset purchases"),
                "/api/search?k=10&mode=dense&q=" + Api.encode(Statements.QUESTION),
                "/api/search?k=10&mode=lexical&q=" + Api.encode(Statements.QUESTION))) {
            same(ports, path, port -> Api.require(port.get(path), 200).body());
        }
        assertThat(ports.getFirst()
                        .get("/api/search?q=rate")
                        .body()
                        .at("/shards")
                        .toString())
                .isEqualTo("{\"asked\":4,\"answered\":4,\"stale\":0}");
        same(ports, records, port -> {
            List<JsonNode> all = port.records(topic, Statements.SEGMENT);
            assertThat(all).hasSize(STATEMENTS);
            return all;
        });
        for (String store : STORES) {
            same(ports, store, port -> port.entries(store, ""));
        }
        assertThat(ports).allSatisfy(port -> {
            assertThat(port.get(records + "/nothing").code()).isEqualTo("key.unknown");
            assertThat(port.get("/api/stores/runs/nothing").code()).isEqualTo("key.unknown");
            assertThat(port.get("/api/runs/nothing").code()).isEqualTo("run.unknown");
            assertThat(port.send(port.request("/internal/stores/list")
                                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{}")))
                            .code())
                    .isEqualTo("key.missing");
        });
        same(ports, "models", port -> Api.require(port.get("/v1/models"), 200).body());
        same(
                ports,
                "embeddings",
                port -> Api.require(
                                port.post(
                                        "/v1/embeddings",
                                        "{\"model\":\"all-MiniLM-L6-v2\",\"input\":[\"asset purchases\",\"rates\"]}"),
                                200)
                        .body());
        same(
                ports,
                "completion",
                port -> Api.require(
                                port.post(
                                        "/v1/chat/completions",
                                        Api.JSON
                                                .createObjectNode()
                                                .put("model", "penstock/" + topic)
                                                .set(
                                                        "messages",
                                                        Api.JSON
                                                                .createArrayNode()
                                                                .add(Api.JSON
                                                                        .createObjectNode()
                                                                        .put("role", "user")
                                                                        .put("content", Statements.QUESTION)))
                                                .toString()),
                                200)
                        .body()
                        .get("choices"));
        same(ports, "chat", port -> {
            JsonNode answer =
                    Api.require(port.ask(Statements.QUESTION, topic), 200).body();
            assertThat(answer.at("/citations/0/item").textValue()).isEqualTo("20081216");
            return List.of(answer.get("reply"), answer.get("citations"));
        });
    }

    private interface Asking {
        Object ask(Api port);
    }

    private static void same(List<Api> ports, String what, Asking asking) {
        Object first = asking.ask(ports.getFirst());
        for (Api port : ports.subList(1, ports.size())) {
            assertThat(asking.ask(port)).as(what + " at " + port.url()).isEqualTo(first);
        }
    }

    private static void assertSameTopologies(List<Api> ports, int instancesOfEach) {
        Map<String, Set<String>> urls = new TreeMap<>();
        for (Api port : ports) {
            JsonNode answer = Api.require(port.get("/api/topologies"), 200).body();
            assertThat(answer.get("instances"))
                    .hasSize(ports.size())
                    .allSatisfy(instance ->
                            assertThat(instance.get("answered").booleanValue()).isTrue());
            Map<String, Set<String>> seen = StreamSupport.stream(
                            answer.get("topologies").spliterator(), false)
                    .collect(Collectors.groupingBy(
                            topology -> topology.get("name").textValue(),
                            TreeMap::new,
                            Collectors.mapping(
                                    topology -> topology.get("url").textValue(),
                                    Collectors.toCollection(TreeSet::new))));
            if (urls.isEmpty()) {
                urls.putAll(seen);
            }
            assertThat(seen).isEqualTo(urls);
        }
        assertThat(urls.get("catalog")).hasSize(ports.size());
        for (String name : List.of("runs", "capture", "vector-index", "chat")) {
            assertThat(urls.get(name)).as(name).hasSize(instancesOfEach);
        }
    }
}
