package io.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.catalog.LiveCatalog;
import io.penstock.processor.ProcessorConfigReader;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.ScheduleEntry;
import io.penstock.seed.SeedFiles;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConfigFolderTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-05-01T10:00:00Z"));
    private static final String FILE = "processors/beds.json";

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final LiveCatalog catalog = new LiveCatalog(serdes);
    private final Producer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final ProcessorGateway gateway =
            new ProcessorGateway(new ProcessorConfigReader(CLOCK), catalog.processorWriter);
    private ConfigFolder config;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        write("data-lists/beds.json", "[\"roses\"]");
        write(FILE, "[" + processor("beds", 1) + "," + processor("trees", 1) + "]");
        config = started();
    }

    private ConfigFolder started() throws InterruptedException {
        CatalogGateway topics = new CatalogGateway(
                catalog.view,
                catalog.writer,
                catalog.changes,
                NoResources.INSTANCE,
                new Deletions(
                        catalog.view,
                        catalog.writer,
                        new Fences(producer, () -> Objects.requireNonNull(null), serdes),
                        NoResources.INSTANCE,
                        CLOCK),
                CLOCK,
                5);
        SeedApplier applier = new SeedApplier(
                catalog.view,
                catalog.writer,
                topics,
                catalog.processors,
                catalog.processorWriter,
                producer,
                serdes.codec(ScheduleEntry.class),
                CLOCK);
        ConfigFolder started = new ConfigFolder(
                new SeedFiles(folder, CLOCK), applier, (to, seeds) -> to.applySchedules(seeds.schedules(), Map.of()));
        started.applyCatalogAndProcessors();
        started.applySchedules();
        return started;
    }

    @AfterEach
    void stop() {
        catalog.close();
    }

    @Test
    void shouldApplyAFileThatChanges() throws Exception {
        write(FILE, "[" + processor("beds", 7) + "]");

        config.refresh();

        assertThat(stored("beds").getBatchSize()).isEqualTo(7);
        assertThat(catalog.processors.byId("trees")).isEmpty();
        assertThat(config.faults()).isEmpty();
    }

    @Test
    void shouldApplyADataListThatChanges() throws Exception {
        write("data-lists/beds.json", "[\"roses\", \"tulips\"]");

        config.refresh();

        assertThat(stored("beds").getDataList()).hasSize(2);
    }

    @Test
    void shouldGoOnWithWhatWasThereWhenAFileCannotBeRead() throws Exception {
        write(FILE, "[\n  " + processor("beds", 7) + "\n");

        config.refresh();

        assertThat(stored("beds").getBatchSize()).isEqualTo(1);
        assertThat(stored("trees").getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(config.faults())
                .hasEntrySatisfying(FILE, fault -> assertThat(fault).startsWith(FILE + ", line "));

        write(FILE, "[\n  " + processor("beds", 7) + "]\n");
        config.refresh();

        assertThat(stored("beds").getBatchSize()).isEqualTo(7);
        assertThat(config.faults()).isEmpty();
    }

    @Test
    void shouldGoOnWithAProcessorWhoseEditIsWrongAndApplyTheOthers() throws Exception {
        write(FILE, "[\n" + processor("trees", 3) + ",\n" + processor("beds", -1) + "]");

        config.refresh();

        assertThat(stored("beds").getBatchSize()).isEqualTo(1);
        assertThat(stored("beds").getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(stored("trees").getBatchSize()).isEqualTo(3);
        assertThat(config.faults().get(FILE))
                .startsWith(FILE + ", line 3, processor beds, batch_size: ")
                .contains("goes on");
        assertThat(started().faults()).containsKey(FILE);
    }

    @Test
    void shouldDeleteNothingWhileAFileIsPartlyWrong() throws Exception {
        write(FILE, "[" + processor("beds", 2) + "," + processor("not an id!", 1) + "]");

        config.refresh();

        assertThat(stored("trees").getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(stored("beds").getBatchSize()).isEqualTo(2);
    }

    @Test
    void shouldListAProcessorThatNeverWorked() throws Exception {
        write("processors/new.json", processor("new", -1));

        config.refresh();

        assertThat(stored("new").getState()).isEqualTo(ProcessorState.INVALID);
        assertThat(stored("new").getProblems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.getLine()).isEqualTo(1));
        assertThat(config.faults()).containsKey("processors/new.json");
    }

    @Test
    void shouldLeaveAloneWhatWasChangedOverHttpUntilTheFileChanges() throws Exception {
        ProcessorEntry changed = new ProcessorConfigReader(CLOCK)
                .parse(
                        "{\"topic\":\"garden\",\"segment\":\"beds\",\"batch_size\":9,\"id\":\"beds\",\"data_list\":[{\"value\":\"a\",\"text\":\"b\"}]}",
                        "body")
                .getFirst();
        catalog.processorWriter.put("beds", changed);
        gateway.delete("trees");

        config.refresh();
        assertThat(stored("beds").getBatchSize()).isEqualTo(9);
        assertThat(catalog.processors.byId("trees")).isEmpty();

        write(FILE, "[" + processor("beds", 2) + "," + processor("trees", 2) + "]");
        config.refresh();
        assertThat(stored("beds").getBatchSize()).isEqualTo(2);
        assertThat(stored("trees").getBatchSize()).isEqualTo(2);
    }

    private ProcessorEntry stored(String id) {
        return catalog.processors.byId(id).orElseThrow();
    }

    private static String processor(String id, int batchSize) {
        return """
                {"id": "%s", "topic": "garden", "segment": "beds", "batch_size": %d, "data_list": "../data-lists/beds.json", \
                "source": {"type": "file", "uri": "{value}.txt"}}""".formatted(id, batchSize);
    }

    private void write(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.writeString(path, text);
    }
}
