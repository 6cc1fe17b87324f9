package io.penstock.vector;

import static io.penstock.vector.Chunks.chunk;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.embedding.Vectors;
import io.penstock.kafka.Topics;
import io.penstock.record.DeletionOrder;
import io.penstock.record.ItemComplete;
import io.penstock.run.RunEvents;
import io.penstock.schema.Chunk;
import io.penstock.schema.FenceAck;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.topology.PinnedTopology;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorIndexTopologyTest {
    private static final Chunk ROSES = chunk("roses", "Prune roses in March.", 1, 2, 3, 4);
    private static final String ID = ROSES.getRecordId() + "#tiny#abc#0";
    private static final TaskId TASK = new TaskId(0, 0);

    /** How many chunks the store held whenever somebody asked for the time. */
    private final List<Long> indexedWhenAsked = new CopyOnWriteArrayList<>();

    private final VectorIndexTopology topology =
            new VectorIndexTopology(Chunks.SERDES, this::now, VectorIndexSettings.forModel(Chunks.MODEL));

    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TopologyTestDriver driver;

    @SuppressWarnings("NullAway.Init")
    private TestInputTopic<byte[], byte[]> chunks;

    @SuppressWarnings("NullAway.Init")
    private TestOutputTopic<String, RunEvent> events;

    @SuppressWarnings("NullAway.Init")
    private TestOutputTopic<byte[], byte[]> deadLetters;

    @BeforeEach
    void start() {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        config.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        driver = new TopologyTestDriver(topology.build(), config);
        chunks = driver.createInputTopic(Topics.CHUNK, new ByteArraySerializer(), new ByteArraySerializer());
        events = driver.createOutputTopic(
                Topics.RUN_EVENT,
                new StringDeserializer(),
                Chunks.SERDES.topic(RunEvent.class).deserializer());
        deadLetters = driver.createOutputTopic(
                Topics.deadLetter("vector-index"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void shouldKeepEveryChunkAndSayNothingWhenTheItemIsNotComplete() {
        send(ID, Chunks.value(ROSES), new RecordHeaders());

        assertThat(store().get(ID)).isEqualTo(ROSES);
        assertThat(events.isEmpty()).isTrue();
        assertThat(deadLetters.isEmpty()).isTrue();
        assertThat(topology.activity().completedItems(TASK)).isZero();
    }

    @Test
    void shouldSayIndexedWhenTheLastChunkOfAnItemIsApplied() {
        send(ID, Chunks.value(ROSES), complete("run-1"));

        TestRecord<String, RunEvent> event = events.readRecord();
        assertThat(event.key()).isEqualTo("run-1");
        assertThat(event.value())
                .isEqualTo(RunEvents.at(RunEvents.indexed("run-1", ROSES.getRecordId(), OpenStore.NOW), 0, 0));
        assertThat(events.isEmpty()).isTrue();
        assertThat(store().get(ID)).isEqualTo(ROSES);
        assertThat(topology.activity().completedItems(TASK)).isEqualTo(1);
    }

    @Test
    void shouldHaveAppliedTheChunkBeforeItSaysIndexed() {
        indexedWhenAsked.clear();
        send(ID, Chunks.value(ROSES), complete("run-1"));

        assertThat(events.readValue().getAt()).isEqualTo(OpenStore.NOW);
        assertThat(indexedWhenAsked).isNotEmpty().containsOnly(1L);
    }

    private Instant now() {
        indexedWhenAsked.add(topology.activity().indexed());
        return OpenStore.NOW;
    }

    @Test
    void shouldDeleteAndSayIndexedWhenTheLastRecordIsATombstone() {
        send(ID, Chunks.value(ROSES), new RecordHeaders());
        send(ID, null, complete("run-1"));

        assertThat(store().get(ID)).isNull();
        assertThat(events.readValue().getKind()).isEqualTo(RunEventKind.INDEXED);
        assertThat(deadLetters.isEmpty()).isTrue();
        assertThat(topology.activity().deleted()).isEqualTo(1);
    }

    @Test
    void shouldAcknowledgeADeletionThatSomebodyWaitsForOnceItIsApplied() {
        send(ID, Chunks.value(ROSES), new RecordHeaders());
        send(ID, null, new RecordHeaders().add(DeletionOrder.HEADER, "order-1".getBytes(UTF_8)));

        assertThat(store().get(ID)).isNull();
        FenceAck ack = driver.createOutputTopic(
                        Topics.FENCE_ACK,
                        new StringDeserializer(),
                        Chunks.SERDES.topic(FenceAck.class).deserializer())
                .readValue();
        assertThat(ack.getFenceId()).isEqualTo("order-1");
        assertThat(ack.getStage()).isEqualTo("vector-index");
        assertThat(topology.activity().deleted()).isEqualTo(1);
        assertThat(topology.activity().completedItems(TASK))
                .as("a search waits until it shows")
                .isEqualTo(1);
        assertThat(events.isEmpty()).isTrue();
    }

    @Test
    void shouldDeadLetterWhatIsNotAvroAndKeepTheOldChunk() {
        byte[] nonsense = "nonsense".getBytes(UTF_8);
        send(ID, Chunks.value(ROSES), new RecordHeaders());
        send(ID, nonsense, new RecordHeaders());

        TestRecord<byte[], byte[]> letter = deadLetters.readRecord();
        assertThat(letter.key()).isEqualTo(ID.getBytes(UTF_8));
        assertThat(letter.value()).isEqualTo(nonsense);
        assertThat(header(letter, DeadLetterHeaders.CODE)).isEqualTo("record.undecodable");
        assertThat(header(letter, DeadLetterHeaders.STAGE)).isEqualTo("vector-index-announce");
        assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo(Topics.CHUNK);
        assertThat(header(letter, DeadLetterHeaders.OFFSET)).isEqualTo("1");
        assertThat(store().get(ID)).isEqualTo(ROSES);
        assertThat(topology.activity().skipped()).isEqualTo(1);
    }

    @Test
    void shouldFailTheItemWhenItsLastChunkCannotBeTaken() {
        Chunk notUnit = Chunk.newBuilder(ROSES)
                .setEmbedding(Vectors.encode(new float[] {3, 4}))
                .build();
        send(ID, Chunks.value(notUnit), complete("run-1"));

        assertThat(header(deadLetters.readRecord(), DeadLetterHeaders.CODE)).isEqualTo("record.invalid");
        RunEvent event = events.readValue();
        assertThat(event.getKind()).isEqualTo(RunEventKind.FAILED);
        assertThat(event.getRecordId()).isEqualTo(ROSES.getRecordId());
        assertThat(event.getCode()).isEqualTo("record.invalid");
        assertThat(store().get(ID)).isNull();
        assertThat(topology.activity().completedItems(TASK)).isZero();
    }

    @Test
    void shouldDeadLetterARecordWithoutAKey() {
        send(null, Chunks.value(ROSES), new RecordHeaders());

        assertThat(header(deadLetters.readRecord(), DeadLetterHeaders.CODE)).isEqualTo("record.invalid");
    }

    @Test
    void shouldTakeTheChunkButDeadLetterAHeaderThatCannotBeRead() {
        Headers headers = new RecordHeaders().add(ItemComplete.HEADER, "only-a-run".getBytes(UTF_8));
        send(ID, Chunks.value(ROSES), headers);

        assertThat(store().get(ID)).isEqualTo(ROSES);
        assertThat(header(deadLetters.readRecord(), DeadLetterHeaders.MESSAGE)).contains("item-complete");
        assertThat(events.isEmpty()).isTrue();
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(VectorIndexTopology.NAME, topology.build());
    }

    private void send(@Nullable String id, byte @Nullable [] value, Headers headers) {
        chunks.pipeInput(record(id == null ? null : id.getBytes(UTF_8), value, headers));
    }

    @SuppressWarnings("NullAway") // a record may lack key and value; the driver does not declare it
    private static TestRecord<byte[], byte[]> record(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        return new TestRecord<>(key, value, headers, 1_000L);
    }

    private static Headers complete(String run) {
        return new RecordHeaders().add(ItemComplete.HEADER, new ItemComplete(run, ROSES.getRecordId()).encode());
    }

    private KeyValueStore<String, Chunk> store() {
        return driver.getKeyValueStore(VectorIndexTopology.STORE);
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
