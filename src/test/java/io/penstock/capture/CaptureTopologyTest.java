package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.catalog.FakeCatalog;
import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.kafka.Topics;
import io.penstock.record.Sweep;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.schema.SourceConfig;
import io.penstock.schema.StoredResponse;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.stage.CallException;
import io.penstock.stage.CallExecutor;
import io.penstock.stage.StageClock;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.PinnedTopology;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CaptureTopologyTest {
    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");
    private static final int MAX_RECORD_BYTES = 1000;
    private static final CaptureSettings SETTINGS = CaptureSettings.of(Path.of("config"))
            .withLimits(5000, MAX_RECORD_BYTES)
            .withTask(new TaskLimits(Duration.ofMinutes(1), 5, 100, 12_000));

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final FakeCatalog catalog = new FakeCatalog();
    private final Map<String, CallException> failures = new HashMap<>();
    private final Map<String, String> contents = new HashMap<>();
    private final Map<String, Fetched> answers = new HashMap<>();
    private final List<CaptureRequest> fetched = new ArrayList<>();
    private final Set<String> cancelledRuns = new HashSet<>();
    private final Time time = new Time();
    private final Calls calls = new Calls();
    private final StageRuntime runtime = new StageRuntime(calls, time);

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> input;
    private TestOutputTopic<String, RawRecord> raw;
    private TestOutputTopic<String, RunEvent> events;
    private TestOutputTopic<String, FenceAck> acks;
    private TestOutputTopic<byte[], byte[]> deadLetters;

    @BeforeEach
    void start() {
        catalog.put("economy", "statements", "life-1");
        Properties settings = new Properties();
        settings.put("application.id", "capture-test");
        settings.put("bootstrap.servers", "localhost:1");
        settings.put("processing.guarantee", "exactly_once_v2");
        driver = new TopologyTestDriver(topology().topology(), settings, NOW);
        input = driver.createInputTopic(Topics.CAPTURE_TASK, new ByteArraySerializer(), new ByteArraySerializer());
        raw = driver.createOutputTopic(
                "raw.economy",
                new StringDeserializer(),
                serdes.topic(RawRecord.class).deserializer());
        events = driver.createOutputTopic(
                Topics.RUN_EVENT,
                new StringDeserializer(),
                serdes.topic(RunEvent.class).deserializer());
        acks = driver.createOutputTopic(
                Topics.FENCE_ACK,
                new StringDeserializer(),
                serdes.topic(FenceAck.class).deserializer());
        deadLetters = driver.createOutputTopic(
                Topics.deadLetter("capture"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private CaptureTopology topology() {
        return new CaptureTopology(
                serdes, catalog, cancelledRuns::contains, this::fetch, SETTINGS, runtime, InstantSource.fixed(NOW));
    }

    private Fetched fetch(CaptureRequest request) throws CallException {
        fetched.add(request);
        String value = request.entry().getValue();
        CallException failure = failures.get(value);
        if (failure != null) {
            throw failure;
        }
        Fetched known = answers.get(value);
        return known != null
                ? known
                : Fetched.of(content(contents.getOrDefault(value, "Content of " + value), "test:" + value));
    }

    private static CapturedContent content(String text, String uri) {
        return new CapturedContent(text.getBytes(UTF_8), "text/plain", uri, Map.of("found", "yes"));
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void shouldKeepThePaceOfTheProcessorInFurtherRequests() {
        Pace pace = CaptureTopology.pace(runtime);
        assertThat(pace.furtherRequest("p1"))
                .as("of a processor that is not known")
                .isZero();
        send(task("a", 10, 2));

        assertThat(pace.furtherRequest("p1")).isEqualTo(Duration.ofMillis(500));
        assertThat(pace.furtherRequest("p1")).isEqualTo(Duration.ofSeconds(1));
        assertThat(pace.furtherRequest("p2")).isZero();
    }

    @Test
    void shouldEmitTheRecordAndSayThatTheTaskIsDone() {
        send(task("b/c", 10, 0));
        endCalls();

        TestRecord<String, RawRecord> record = raw.readRecord();
        assertThat(record.key()).isEqualTo("economy/statements/p1/b/c");
        RawRecord value = record.value();
        assertThat(value.getRunId()).isEqualTo("run-1");
        assertThat(value.getProcessor()).isEqualTo("p1");
        assertThat(value.getSegment()).isEqualTo("statements");
        assertThat(value.getItem()).isEqualTo("b/c");
        assertThat(value.getLabel()).isEqualTo("Label of b/c");
        assertThat(value.getUri()).isEqualTo("test:b/c");
        assertThat(value.getContentType()).isEqualTo("text/plain");
        assertThat(UTF_8.decode(value.getContent()).toString()).isEqualTo("Content of b/c");
        assertThat(value.getCapturedAt()).isEqualTo(NOW);
        assertThat(value.getIncarnation()).isEqualTo("life-1");
        assertThat(value.getAttributes()).isEqualTo(Map.of("found", "yes"));
        RunEvent done = events.readValue();
        assertThat(done.getKind()).isEqualTo(RunEventKind.TASK_DONE);
        assertThat(done.getTask()).isEqualTo("run-1/p1/b/c");
        assertThat(done.getItems()).isEqualTo(1);
        assertThat(done.getCaptured()).isEqualTo(1);
        assertNothingMore();
        assertThat(pending()).isZero();
    }

    @Test
    void shouldSayOfARecordThatItWasSeenOnlyWhereWhatIsRemovedIsDeleted() {
        CaptureTask sweeping = task("a", 10, 0);
        sweeping.setDeletesRemoved(true);
        send(sweeping);
        send(task("b", 10, 0));
        endCalls();

        assertThat(raw.readRecordsToList())
                .extracting(record -> Sweep.isSighting(record.headers()))
                .containsExactly(true, false);
    }

    @Test
    void shouldPassOnTheOrderToSweepAProcessorWithoutCapturingAnything() {
        send(sweep());

        TestRecord<String, RawRecord> order = raw.readRecord();
        assertThat(order.key()).isEqualTo("economy/statements/p1/");
        assertThat(order.value()).isNull();
        assertThat(Sweep.of(order.headers())).contains(new Sweep("run-1", "life-1", NOW));
        assertThat(new RawPartitions().partitions("raw.economy", order.key(), null, 3))
                .contains(Set.of(0, 1, 2));
        assertThat(new RawPartitions().partitions("raw.economy", "economy/statements/p1/a", null, 3))
                .as("where its id says")
                .isEmpty();
        assertThat(fetched).isEmpty();
        assertNothingMore();
        assertThat(pending()).isZero();
    }

    @Test
    void shouldSweepNothingOfASegmentThatIsOver() {
        catalog.put("economy", "statements", "life-2");
        send(sweep());

        assertThat(raw.isEmpty()).isTrue();
        assertNothingMore();
    }

    private static CaptureTask sweep() {
        CaptureTask order = task("a", 10, 0);
        order.setEntry(null);
        order.setSource(null);
        order.setSweepSince(NOW);
        return order;
    }

    @Test
    void shouldDeadLetterAFailureAndFailTheItem() {
        failures.put("a", CallException.permanent("capture.not-found", "There is no file a."));
        CaptureTask task = task("a", 10, 0);
        send(task);
        endCalls();

        TestRecord<byte[], byte[]> letter = deadLetters.readRecord();
        assertThat(letter.value()).isEqualTo(bytes(task));
        assertThat(letter.key()).isEqualTo("run-1/p1/a".getBytes(UTF_8));
        assertThat(header(letter, DeadLetterHeaders.CODE)).isEqualTo("capture.not-found");
        assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo("capture.task");
        assertThat(header(letter, DeadLetterHeaders.OFFSET)).isEqualTo("0");
        assertFailed("a", "capture.not-found");
        assertNothingMore();
    }

    @Test
    void shouldTryAgainAfterATransientFailure() {
        failures.put("a", CallException.retryable("capture.timeout", "Too slow.", null));
        send(task("a", 10, 0));
        endCalls();
        failures.clear();
        advance(Duration.ofSeconds(40));
        endCalls();

        assertThat(fetched).hasSize(2);
        assertThat(raw.readKeyValuesToList()).hasSize(1);
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void shouldFailARecordThatIsTooLargeBeforeItIsSent() {
        contents.put("a", "x".repeat(MAX_RECORD_BYTES));
        send(task("a", 10, 0));
        endCalls();

        assertThat(header(deadLetters.readRecord(), DeadLetterHeaders.CODE)).isEqualTo("record.too-large");
        assertFailed("a", "record.too-large");
        assertNothingMore();
    }

    @Test
    void shouldRunAtMostABatchOfOneProcessorAtOnce() {
        for (String value : List.of("a", "b", "c", "d")) {
            send(task(value, 2, 0));
        }
        tick();
        assertThat(calls.waiting).hasSize(2);

        endCalls();
        assertThat(raw.readKeyValuesToList()).hasSize(4);
    }

    @Test
    void shouldStartNoMoreThanTheRateAllows() {
        for (String value : List.of("a", "b", "c")) {
            send(task(value, 10, 2));
        }
        tick();
        assertThat(calls.waiting).hasSize(1);

        advance(Duration.ofMillis(500));
        assertThat(calls.waiting).hasSize(2);

        advance(Duration.ofMillis(500));
        assertThat(calls.waiting).hasSize(3);
    }

    @Test
    void shouldNotCaptureForALifeThatIsOver() {
        CaptureTask task = task("a", 10, 0);
        task.setIncarnation("life-0");
        send(task);
        endCalls();

        assertThat(fetched).isEmpty();
        assertFailed("a", "topic.deleted");
        assertNothingMore();
    }

    @Test
    void shouldNotSendToATopicThatIsDeletedDuringTheCapture() {
        send(task("a", 10, 0));
        tick();
        catalog.delete("economy", "statements");
        endCalls();

        assertThat(fetched).hasSize(1);
        assertThat(raw.isEmpty()).isTrue();
        assertFailed("a", "topic.deleted");
        assertNothingMore();
    }

    @Test
    void shouldCancelWhatIsPendingAndAcknowledgeAFence() {
        send(task("a", 1, 0));
        send(task("b", 1, 0));
        CaptureTask other = task("c", 1, 0);
        other.setSegment("minutes");
        other.setProcessor("p2");
        other.setIncarnation("life-of-minutes");
        catalog.put("economy", "minutes", "life-of-minutes");
        send(other);
        tick();

        send(fence("life-1"));
        advance(Duration.ofMillis(40));

        FenceAck ack = acks.readKeyValue().value;
        assertThat(ack.getFenceId()).isEqualTo("fence-1");
        assertThat(ack.getStage()).isEqualTo("capture");
        assertThat(ack.getTopic()).isEqualTo("capture.task");
        assertThat(ack.getPartition()).isZero();
        assertThat(ack.getRemoved()).isEqualTo(2);
        assertFailed("a", "topic.deleted");
        assertFailed("b", "topic.deleted");

        endCalls();
        assertThat(raw.readRecordsToList()).extracting(TestRecord::key).containsExactly("economy/minutes/p2/c");
        assertThat(acks.isEmpty()).isTrue();
    }

    @Test
    void shouldEndTheRunBeforeItsItemsWhenTheFenceIsOfTheWholeTopic() {
        send(task("a", 1, 0));
        send(task("b", 1, 0));
        tick();
        catalog.deleteTopic("economy");

        CaptureTask fence = fence("life-1");
        fence.getFence().setSegment(null);
        send(fence);
        send(task("c", 1, 0));
        endCalls();

        List<RunEvent> said = events.readValuesToList();
        assertThat(said.getFirst().getKind()).isEqualTo(RunEventKind.FAILED);
        assertThat(said.getFirst().getRecordId()).as("the run as a whole").isNull();
        assertThat(said.getFirst().getCode()).isEqualTo("topic.deleted");
        assertThat(said).filteredOn(event -> event.getRecordId() != null).hasSize(3);
        assertThat(said)
                .filteredOn(event -> event.getKind() == RunEventKind.TASK_DONE)
                .hasSize(3);
        assertThat(raw.isEmpty()).isTrue();
    }

    @Test
    void shouldCancelWhatIsPendingOfARunAndDropWhatComesLater() {
        send(task("a", 1, 0));
        send(task("b", 1, 0));
        CaptureTask other = task("c", 1, 0);
        other.setRunId("run-2");
        send(other);
        tick();
        CaptureTask fence = CaptureTask.newBuilder()
                .setFence(Fence.newBuilder()
                        .setFenceId("run-1")
                        .setTopic("")
                        .setRunId("run-1")
                        .setRequestedAt(NOW)
                        .build())
                .build();
        cancelledRuns.add("run-1");

        send(fence);
        advance(Duration.ofMillis(40));
        send(task("d", 1, 0));
        endCalls();

        assertThat(acks.readKeyValue().value.getRemoved()).isEqualTo(2);
        List<RunEvent> said = events.readValuesToList();
        assertThat(said)
                .filteredOn(event -> event.getKind() == RunEventKind.CANCELLED)
                .extracting(RunEvent::getRecordId)
                .containsExactlyInAnyOrder(
                        "economy/statements/p1/a", "economy/statements/p1/b", "economy/statements/p1/d");
        assertThat(said)
                .filteredOn(event -> event.getKind() == RunEventKind.TASK_DONE
                        && event.getRunId().equals("run-1"))
                .hasSize(3)
                .allSatisfy(event -> {
                    assertThat(event.getItems()).isEqualTo(1);
                    assertThat(event.getCaptured()).isZero();
                });
        assertThat(raw.readRecordsToList()).extracting(TestRecord::key).containsExactly("economy/statements/p1/c");
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void shouldWriteNothingAfterAFenceEvenIfTheViewLags() {
        send(fence("life-1"));
        send(task("a", 10, 0));
        endCalls();

        assertThat(acks.readValuesToList()).hasSize(1);
        assertThat(fetched).isEmpty();
        assertThat(raw.isEmpty()).isTrue();
        assertFailed("a", "topic.deleted");
    }

    @Test
    void shouldDeadLetterATaskWithoutAnEntryOrKey() {
        input.pipeInput(null, bytes(CaptureTask.newBuilder().setRunId("run-1").build()));
        endCalls();

        assertThat(header(deadLetters.readRecord(), DeadLetterHeaders.CODE)).isEqualTo("record.invalid");
        assertThat(events.readValuesToList())
                .extracting(RunEvent::getKind)
                .containsExactly(RunEventKind.FAILED, RunEventKind.TASK_DONE);
    }

    @Test
    void shouldDeadLetterWhatIsNotAvro() {
        input.pipeInput("k".getBytes(UTF_8), "nonsense".getBytes(UTF_8));

        assertThat(header(deadLetters.readRecord(), DeadLetterHeaders.CODE)).isEqualTo("record.undecodable");
    }

    @Test
    void shouldEmitAllRecordsOfATaskAndCountThem() {
        answers.put(
                "a",
                new Fetched(
                        List.of(
                                new CapturedItem("7", "Seven", content("Content 7", "test:7")),
                                new CapturedItem("x/y", null, content("Content x/y", "test:xy"))),
                        List.of()));
        send(task("a", 10, 0));
        endCalls();

        List<TestRecord<String, RawRecord>> records = raw.readRecordsToList();
        assertThat(records)
                .extracting(
                        TestRecord::key,
                        record -> record.value().getItem(),
                        record -> record.value().getLabel(),
                        record -> record.value().getAttributes().get("value"))
                .containsExactly(
                        tuple("economy/statements/p1/a/7", "a/7", "Seven", "a"),
                        tuple("economy/statements/p1/a/x%2Fy", "a/x%2Fy", "Label of a", "a"));
        RunEvent done = events.readValue();
        assertThat(done.getItems()).isEqualTo(2);
        assertThat(done.getCaptured()).isEqualTo(2);
        assertNothingMore();
    }

    @Test
    void shouldEndATaskThatHasNoRecords() {
        answers.put("a", new Fetched(List.of(), List.of()));
        send(task("a", 10, 0));
        endCalls();

        RunEvent done = events.readValue();
        assertThat(done.getKind()).isEqualTo(RunEventKind.TASK_DONE);
        assertThat(done.getItems()).isZero();
        assertNothingMore();
    }

    @Test
    void shouldSendNoRecordOfATaskOfWhichOneIsTooLarge() {
        answers.put(
                "a",
                new Fetched(
                        List.of(
                                new CapturedItem("1", null, content("small", "test:1")),
                                new CapturedItem("2", null, content("x".repeat(MAX_RECORD_BYTES), "test:2"))),
                        List.of()));
        send(task("a", 10, 0));
        endCalls();

        assertThat(header(deadLetters.readRecord(), DeadLetterHeaders.CODE)).isEqualTo("record.too-large");
        assertFailed("a", "record.too-large");
        assertNothingMore();
    }

    @Test
    void shouldFailATaskWhoseRecordsDoNotFitATransaction() {
        List<CapturedItem> items = IntStream.range(0, 30)
                .mapToObj(i -> new CapturedItem("k" + i, null, content("x".repeat(500), "test:" + i)))
                .toList();
        answers.put("a", new Fetched(items, List.of()));
        send(task("a", 10, 0));
        endCalls();

        assertThat(header(deadLetters.readRecord(), DeadLetterHeaders.CODE)).isEqualTo("capture.too-many-bytes");
        assertFailed("a", "capture.too-many-bytes");
        assertNothingMore();
    }

    @Test
    void shouldRememberResponsesForTheNextRun() {
        StoredResponse first = response("\"1\"");
        answers.put("a", new Fetched(items("a"), List.of(first)));
        send(task("a", 10, 0));
        endCalls();
        CaptureTask next = task("a", 10, 0);
        next.setRunId("run-2");
        send(next);
        send(task("b", 10, 0));
        endCalls();

        assertThat(fetched).extracting(CaptureRequest::responses).containsExactly(List.of(), List.of(first), List.of());
        assertThat(remembered()).containsExactly("life-1/p1/a");
    }

    @Test
    void shouldForgetResponsesThatHaveNoValidatorAnyMore() {
        answers.put("a", new Fetched(items("a"), List.of(response("\"1\""))));
        send(task("a", 10, 0));
        endCalls();
        answers.put("a", new Fetched(items("a"), List.of()));
        send(task("a", 10, 0));
        endCalls();

        assertThat(remembered()).isEmpty();
    }

    @Test
    void shouldForgetResponsesOfTheLivesThatAFenceEnds() {
        catalog.put("economy", "minutes", "life-10");
        answers.put("a", new Fetched(items("a"), List.of(response("\"1\""))));
        CaptureTask other = task("a", 10, 0);
        other.setSegment("minutes");
        other.setIncarnation("life-10");
        send(task("a", 10, 0));
        send(other);
        endCalls();
        assertThat(remembered()).containsExactly("life-1/p1/a", "life-10/p1/a");

        send(fence("life-1"));
        assertThat(remembered()).containsExactly("life-10/p1/a");

        CaptureTask everything = fence("unused");
        everything.getFence().setIncarnations(List.of());
        everything.getFence().setSegment(null);
        send(everything);
        assertThat(remembered()).isEmpty();
    }

    @Test
    void shouldRememberNothingForALifeThatEndsDuringTheCapture() {
        answers.put("a", new Fetched(items("a"), List.of(response("\"1\""))));
        send(task("a", 10, 0));
        tick();
        catalog.delete("economy", "statements");
        endCalls();

        assertThat(remembered()).isEmpty();
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(CaptureTopology.NAME, topology().topology());
    }

    private void assertFailed(String value, String code) {
        RunEvent failed = events.readValue();
        RunEvent done = events.readValue();
        assertThat(List.of(failed, done))
                .extracting(RunEvent::getKind, RunEvent::getRecordId, RunEvent::getCode)
                .containsExactly(
                        tuple(RunEventKind.FAILED, "economy/statements/p1/" + value, code),
                        tuple(RunEventKind.TASK_DONE, null, null));
        assertThat(done.getTask()).isEqualTo("run-1/p1/" + value);
        assertThat(done.getItems()).isEqualTo(1);
        assertThat(done.getCaptured()).isZero();
    }

    private static List<CapturedItem> items(String value) {
        return List.of(new CapturedItem(null, null, content("Content of " + value, "test:" + value)));
    }

    private static StoredResponse response(String tag) {
        return StoredResponse.newBuilder()
                .setRequest("r")
                .setUri("http://h/")
                .setEtag(tag)
                .setBody(ByteBuffer.wrap(new byte[] {1}))
                .build();
    }

    private List<String> remembered() {
        List<String> keys = new ArrayList<>();
        try (KeyValueIterator<String, Object> entries = driver.<String, Object>getKeyValueStore(
                        CaptureTopology.CAPTURED_STORE)
                .all()) {
            entries.forEachRemaining(entry -> keys.add(entry.key));
        }
        return keys;
    }

    private void assertNothingMore() {
        assertThat(raw.isEmpty()).isTrue();
        assertThat(events.isEmpty()).isTrue();
        assertThat(acks.isEmpty()).isTrue();
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    private long pending() {
        long count = 0;
        try (var entries =
                driver.getKeyValueStore(CaptureTopology.PENDING_STORE).all()) {
            while (entries.hasNext()) {
                entries.next();
                count++;
            }
        }
        return count;
    }

    private void send(CaptureTask task) {
        DataEntry entry = task.getEntry();
        String key = entry == null ? "fence-1" : "run-1/" + task.getProcessor() + "/" + entry.getValue();
        input.pipeInput(key.getBytes(UTF_8), bytes(task));
    }

    private byte[] bytes(CaptureTask task) {
        return serdes.codec(CaptureTask.class).encode(Topics.CAPTURE_TASK, task);
    }

    private void tick() {
        advance(Duration.ofMillis(20));
    }

    private void advance(Duration step) {
        time.nanos += step.toNanos();
        driver.advanceWallClockTime(step);
    }

    /** Runs all calls that were started, and those that start because of it. */
    private void endCalls() {
        tick();
        while (!calls.waiting.isEmpty()) {
            calls.waiting.removeFirst().run();
            tick();
        }
    }

    private static String header(TestRecord<byte[], byte[]> letter, String name) {
        Header header = letter.headers().lastHeader(name);
        return new String(header.value(), UTF_8);
    }

    private static CaptureTask task(String value, int batchSize, double rate) {
        return CaptureTask.newBuilder()
                .setRunId("run-1")
                .setTopic("economy")
                .setSegment("statements")
                .setProcessor("p1")
                .setIncarnation("life-1")
                .setEntry(new DataEntry(value, "Label of " + value, Map.of()))
                .setSource(SourceConfig.newBuilder().setType("test").build())
                .setBatchSize(batchSize)
                .setApiRateLimit(rate)
                .build();
    }

    private static CaptureTask fence(String incarnation) {
        return CaptureTask.newBuilder()
                .setFence(Fence.newBuilder()
                        .setFenceId("fence-1")
                        .setTopic("economy")
                        .setSegment("statements")
                        .setIncarnations(List.of(incarnation))
                        .setRequestedAt(NOW)
                        .build())
                .build();
    }

    /** Keeps calls until the test runs them. */
    private static final class Calls implements CallExecutor {
        private final Deque<Runnable> waiting = new ArrayDeque<>();

        @Override
        public RunningCall start(String threadName, Runnable call) {
            waiting.add(call);
            return () -> {};
        }

        @Override
        public void close() {}
    }

    private static final class Time implements StageClock {
        private long nanos;

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public long millis() {
            return NOW.toEpochMilli() + nanos / 1_000_000;
        }

        @Override
        public <T> @Nullable T poll(BlockingQueue<T> queue, long waitNanos) {
            nanos += waitNanos;
            return queue.poll();
        }
    }
}
