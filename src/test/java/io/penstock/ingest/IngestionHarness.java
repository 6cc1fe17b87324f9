package io.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.kafka.Topics;
import io.penstock.record.DeletionOrder;
import io.penstock.schema.Chunk;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.LedgerEntry;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.stage.StageRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** The topology with the real model, driven by hand. */
final class IngestionHarness implements AutoCloseable {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration STEP = Duration.ofSeconds(1);

    final CountingEmbedder embedder = new CountingEmbedder();
    final MemoryCatalog catalog = new MemoryCatalog();
    final IngestionCounters counters = new IngestionCounters();
    final Topology topology;
    final TestOutputTopic<String, Chunk> chunks;
    final TestOutputTopic<String, RunEvent> events;
    final TestOutputTopic<String, FenceAck> acks;
    final TestOutputTopic<byte[], byte[]> deadLetters;

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final HeldCalls calls = new HeldCalls();
    private final TopologyTestDriver driver;
    private final TestInputTopic<byte[], byte[]> input;

    IngestionHarness(Path stateFolder, ChunkingSettings chunking) {
        StageRuntime runtime = new StageRuntime(calls, calls);
        topology = new VectorIngestionTopology(serdes, embedder, chunking, catalog, runtime, counters, 1).build();
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "vector-ingestion-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        driver = new TopologyTestDriver(topology, properties, START);
        input = driver.createInputTopic(Topics.INFERENCE, new ByteArraySerializer(), new ByteArraySerializer());
        chunks = driver.createOutputTopic(
                Topics.CHUNK,
                new StringDeserializer(),
                serdes.topic(Chunk.class).deserializer());
        events = driver.createOutputTopic(
                Topics.RUN_EVENT,
                new StringDeserializer(),
                serdes.topic(RunEvent.class).deserializer());
        acks = driver.createOutputTopic(
                Topics.FENCE_ACK,
                new StringDeserializer(),
                serdes.topic(FenceAck.class).deserializer());
        deadLetters = driver.createOutputTopic(
                Topics.deadLetter("vector-ingestion"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Sends an inference under its record id; its call waits. */
    void send(Inference inference) {
        send(recordId(inference), inference);
    }

    void send(@Nullable String key, Inference inference) {
        sendBytes(key, bytes(inference));
    }

    /** Sends a null value: the record is to be deleted. */
    void delete(String recordId) {
        sendBytes(recordId, null);
    }

    /** The same, and somebody waits for it. */
    void delete(String recordId, String order) {
        input.pipeInput(new TestRecord<byte[], byte[]>(
                recordId.getBytes(UTF_8),
                null,
                new RecordHeaders().add(DeletionOrder.HEADER, order.getBytes(UTF_8)),
                START));
    }

    void sendBytes(@Nullable String key, byte @Nullable [] value) {
        input.pipeInput(new TestRecord<byte[], byte[]>(key == null ? null : key.getBytes(UTF_8), value, START));
    }

    /** Runs all calls, retries included, until nothing is pending. */
    void settle() {
        do {
            calls.run();
            calls.advance(STEP);
            driver.advanceWallClockTime(STEP);
        } while (isPending());
    }

    /** Lets time pass, but no call end; says how many calls there are. */
    int letTimePass() {
        calls.advance(STEP);
        driver.advanceWallClockTime(STEP);
        return calls.count();
    }

    /** Ends the calls that have begun. */
    void runCalls() {
        calls.run();
    }

    KeyValueStore<String, String> models() {
        return driver.getKeyValueStore(VectorIngestionTopology.MODELS);
    }

    int pending() {
        int count = 0;
        try (var entries =
                driver.getKeyValueStore(VectorIngestionTopology.PENDING).all()) {
            while (entries.hasNext()) {
                entries.next();
                count++;
            }
        }
        return count;
    }

    void ingest(Inference inference) {
        send(inference);
        settle();
    }

    List<TestRecord<String, Chunk>> takeChunks() {
        return chunks.readRecordsToList();
    }

    KeyValueStore<String, Inference> records() {
        return driver.getKeyValueStore(VectorIngestionTopology.RECORDS);
    }

    KeyValueStore<String, LedgerEntry> ledger() {
        return driver.getKeyValueStore(VectorIngestionTopology.LEDGER);
    }

    byte[] bytes(Inference inference) {
        return serdes.topic(Inference.class).serializer().serialize(Topics.INFERENCE, inference);
    }

    static Inference.Builder inference(String item, String text) {
        return Inference.newBuilder()
                .setRunId("run-1")
                .setTopic("economy")
                .setSegment("statements")
                .setProcessor("fomc")
                .setItem(item)
                .setLabel("FOMC statement of December 16, 2008")
                .setUri("file:" + item)
                .setText(text)
                .setFingerprint("f");
    }

    static String recordId(Inference inference) {
        return inference.getTopic() + "/" + inference.getSegment() + "/" + inference.getProcessor() + "/"
                + inference.getItem();
    }

    /** The header that says that an item is complete; null when the record bears none. */
    static @Nullable String completes(TestRecord<String, Chunk> record) {
        return text(record.headers().lastHeader("item-complete"));
    }

    static @Nullable String code(TestRecord<byte[], byte[]> deadLetter) {
        return text(deadLetter.headers().lastHeader(DeadLetterHeaders.CODE));
    }

    static @Nullable String text(@Nullable Header header) {
        return header == null ? null : new String(header.value(), UTF_8);
    }

    @Override
    public void close() {
        driver.close();
    }

    private boolean isPending() {
        return pending() > 0;
    }
}
