package io.penstock.processor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.catalog.FakeCatalog;
import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.schema.SegmentAlert;
import io.penstock.schema.SourceConfig;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.topology.PinnedTopology;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessorMatchingTopologyTest {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");
    private static final int MAX_TASK_BYTES = 2000;

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final FakeCatalog catalog = new FakeCatalog();
    private final List<ProcessorEntry> processors = new ArrayList<>();
    private Instant now = START;
    private int pauses;
    private Runnable whilePausing = () -> {};

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> input;
    private TestOutputTopic<String, CaptureTask> tasks;
    private TestOutputTopic<String, RunEvent> events;
    private TestOutputTopic<byte[], byte[]> deadLetters;

    @BeforeEach
    void start() {
        catalog.put("economy", "statements", "life-1");
        InstantSource clock = () -> now;
        Properties settings = new Properties();
        settings.put("application.id", "matching-test");
        settings.put("bootstrap.servers", "localhost:1");
        driver = new TopologyTestDriver(topology(clock).topology(), settings);
        input = driver.createInputTopic(Topics.ALERT_SEGMENT, new ByteArraySerializer(), new ByteArraySerializer());
        tasks = driver.createOutputTopic(
                Topics.CAPTURE_TASK,
                new StringDeserializer(),
                serdes.topic(CaptureTask.class).deserializer());
        events = driver.createOutputTopic(
                Topics.RUN_EVENT,
                new StringDeserializer(),
                serdes.topic(RunEvent.class).deserializer());
        deadLetters = driver.createOutputTopic(
                Topics.deadLetter("processor-matching"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private ProcessorMatchingTopology topology(InstantSource clock) {
        return new ProcessorMatchingTopology(
                serdes,
                catalog,
                new View(),
                clock,
                duration -> {
                    pauses++;
                    now = now.plus(duration);
                    whilePausing.run();
                },
                MAX_TASK_BYTES);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void shouldMakeATaskForEachEntryOfEachProcessorThatServesTheSegment() {
        processors.add(processor("p1", "economy", "statements", "a", "b/c"));
        processors.add(processor("p2", "economy", "statements", "a"));
        processors.add(processor("p3", "economy", "minutes", "x"));
        processors.add(processor("p4", "health", "statements", "y"));

        send(alert("life-1"));

        List<TestRecord<String, CaptureTask>> made = tasks.readRecordsToList();
        assertThat(made).extracting(TestRecord::key).containsExactly("run-1/p1/a", "run-1/p1/b/c", "run-1/p2/a");
        CaptureTask first = made.getFirst().value();
        assertThat(first.getRunId()).isEqualTo("run-1");
        assertThat(first.getTopic()).isEqualTo("economy");
        assertThat(first.getSegment()).isEqualTo("statements");
        assertThat(first.getProcessor()).isEqualTo("p1");
        assertThat(first.getIncarnation()).isEqualTo("life-1");
        assertThat(first.getEntry().getLabel()).isEqualTo("Label of a");
        assertThat(first.getSource().getUri()).isEqualTo("texts/{value}.txt");
        assertThat(first.getBatchSize()).isEqualTo(3);
        assertThat(first.getApiRateLimit()).isEqualTo(2.5);
        assertMatched(3);
        assertThat(pauses).isZero();
    }

    @Test
    void shouldSayThatNothingMatchedWhenNoProcessorServesTheSegment() {
        send(alert("life-1"));

        assertThat(tasks.isEmpty()).isTrue();
        assertMatched(0);
    }

    @Test
    void shouldSayWhichProcessorsDeleteWhatIsRemoved() {
        ProcessorEntry sweeping = processor("p1", "economy", "statements", "a");
        sweeping.setDeletesRemoved(true);
        processors.add(sweeping);
        processors.add(processor("p2", "economy", "statements", "b"));

        send(alert("life-1"));

        assertThat(tasks.readValuesToList())
                .extracting(CaptureTask::getProcessor, CaptureTask::getDeletesRemoved)
                .containsExactly(tuple("p1", true), tuple("p2", false));
        assertThat(events.readValue().getSweeps()).isEqualTo(Map.of("p1", "life-1"));
    }

    @Test
    void shouldFailTheRunWhenTheSegmentsLifeIsOver() {
        processors.add(processor("p1", "economy", "statements", "a"));

        send(alert("life-0"));

        assertThat(tasks.isEmpty()).isTrue();
        RunEvent event = events.readValue();
        assertThat(event.getKind()).isEqualTo(RunEventKind.FAILED);
        assertThat(event.getCode()).isEqualTo("topic.deleted");
        assertThat(event.getRecordId()).isNull();
        assertThat(event.getSegment()).as("the others go on").isEqualTo("statements");
        assertThat(events.isEmpty()).isTrue();
    }

    @Test
    void shouldFailTheWholeRunWhenItsTopicIsDeleted() {
        processors.add(processor("p1", "economy", "statements", "a"));
        catalog.deleteTopic("economy");

        send(alert("life-1"));

        assertThat(tasks.isEmpty()).isTrue();
        RunEvent event = events.readValue();
        assertThat(event.getCode()).isEqualTo("topic.deleted");
        assertThat(event.getRecordId()).isNull();
        assertThat(event.getSegment()).isNull();
    }

    @Test
    void shouldWaitForAViewThatLags() {
        processors.add(processor("p1", "economy", "statements", "a"));
        whilePausing = () -> {
            if (pauses == 3) {
                catalog.put("economy", "statements", "life-2");
            }
        };

        send(alert("life-2"));

        assertThat(tasks.readKeyValuesToList()).hasSize(1);
        assertMatched(1);
        assertThat(pauses).isEqualTo(3);
    }

    @Test
    void shouldWaitInVainOnlyOnceInAWhile() {
        send(alert("life-0"));
        int first = pauses;
        send(alert("life-0"));

        assertThat(first).isEqualTo(50);
        assertThat(pauses).isEqualTo(first);

        now = now.plus(Duration.ofSeconds(11));
        send(alert("life-0"));
        assertThat(pauses).isEqualTo(2 * first);
    }

    @Test
    void shouldFailAnEntryThatIsTooLargeForARecordAndGoOn() {
        ProcessorEntry processor = processor("p1", "economy", "statements", "a", "b");
        processor.getDataList().getFirst().setFields(Map.of("text", "x".repeat(MAX_TASK_BYTES)));
        processors.add(processor);

        send(alert("life-1"));

        assertThat(tasks.readRecordsToList()).extracting(TestRecord::key).containsExactly("run-1/p1/b");
        List<RunEvent> said = events.readValuesToList();
        assertThat(said)
                .extracting(RunEvent::getKind)
                .containsExactly(RunEventKind.FAILED, RunEventKind.TASK_DONE, RunEventKind.MATCHED);
        assertThat(said.get(0).getCode()).isEqualTo("record.too-large");
        assertThat(said.get(0).getRecordId()).isEqualTo("economy/statements/p1/a");
        assertThat(said.get(1).getTask()).isEqualTo("run-1/p1/a");
        assertThat(said.get(2).getTasks()).isEqualTo(2);
    }

    @Test
    void shouldDeadLetterWhatIsNotAvro() {
        input.pipeInput("k".getBytes(UTF_8), "nonsense".getBytes(UTF_8));

        TestRecord<byte[], byte[]> letter = deadLetters.readRecord();
        assertThat(letter.value()).isEqualTo("nonsense".getBytes(UTF_8));
        assertThat(letter.headers().lastHeader(DeadLetterHeaders.CODE).value())
                .isEqualTo("record.undecodable".getBytes(UTF_8));
        assertThat(events.isEmpty()).isTrue();
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(
                ProcessorMatchingTopology.NAME, topology(() -> now).topology());
    }

    private void assertMatched(int count) {
        RunEvent event = events.readValue();
        assertThat(event.getKind()).isEqualTo(RunEventKind.MATCHED);
        assertThat(event.getSegment()).isEqualTo("statements");
        assertThat(event.getTasks()).isEqualTo(count);
        assertThat(events.isEmpty()).isTrue();
    }

    private void send(SegmentAlert alert) {
        input.pipeInput(
                "run-1/statements".getBytes(UTF_8),
                serdes.codec(SegmentAlert.class).encode(Topics.ALERT_SEGMENT, alert));
    }

    private static SegmentAlert alert(String incarnation) {
        return SegmentAlert.newBuilder()
                .setRunId("run-1")
                .setAlertId("alert-1")
                .setTopic("economy")
                .setSegment("statements")
                .setIncarnation(incarnation)
                .setRequestedAt(START)
                .build();
    }

    private static ProcessorEntry processor(String id, String topic, String segment, String... values) {
        List<DataEntry> entries = new ArrayList<>();
        for (String value : values) {
            entries.add(new DataEntry(value, "Label of " + value, Map.of()));
        }
        return ProcessorEntry.newBuilder()
                .setId(id)
                .setTopic(topic)
                .setSegment(segment)
                .setState(ProcessorState.ACTIVE)
                .setDataList(entries)
                .setSource(SourceConfig.newBuilder()
                        .setType("file")
                        .setUri("texts/{value}.txt")
                        .build())
                .setBatchSize(3)
                .setApiRateLimit(2.5)
                .setConfig("{}")
                .setUpdatedAt(START)
                .build();
    }

    private final class View implements ProcessorView {
        @Override
        public Optional<ProcessorEntry> byId(String id) {
            return processors.stream().filter(entry -> entry.getId().equals(id)).findFirst();
        }

        @Override
        public List<ProcessorEntry> serving(String topic, String segment) {
            return processors.stream()
                    .filter(entry ->
                            entry.getTopic().equals(topic) && entry.getSegment().equals(segment))
                    .toList();
        }

        @Override
        public List<ProcessorEntry> all() {
            return List.copyOf(processors);
        }
    }
}
