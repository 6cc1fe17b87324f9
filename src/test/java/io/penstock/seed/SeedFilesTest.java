package io.penstock.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.schema.CollectTarget;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.ScheduleEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedFilesTest {
    private static final Path ORIGINAL = Path.of("src/test/resources/original");
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-05-01T10:00:00Z"));

    @TempDir
    private Path folder;

    @Test
    void shouldReadTheOriginalsFilesAsTheyAre() {
        Seeds seeds = new SeedFiles(ORIGINAL, CLOCK).read();

        assertThat(seeds.problems()).isEmpty();
        assertThat(seeds.catalog().getFirst().content())
                .containsExactly(
                        new CatalogRequest("alert_financials", null, CatalogRequest.Action.CREATE),
                        new CatalogRequest("alert_financials", "news", CatalogRequest.Action.CREATE),
                        new CatalogRequest("alert_financials", "financials", CatalogRequest.Action.CREATE));
        assertThat(seeds.processors())
                .extracting(SeedFile::name)
                .containsExactly("processors/config.json", "processors/single.json");
        assertThat(seeds.processors())
                .flatExtracting(SeedFile::content)
                .extracting(ProcessorEntry::getState)
                .containsOnly(ProcessorState.ACTIVE);
    }

    @Test
    void shouldReadTheOriginalsSchedulesInDaysAndByTopic() {
        SeedFile<ScheduleEntry> file =
                new SeedFiles(ORIGINAL, CLOCK).read().schedules().getFirst();

        assertThat(file.content())
                .extracting(ScheduleEntry::getId, ScheduleEntry::getSchedule, ScheduleEntry::getTargets)
                .containsExactly(
                        tuple("collections/all.json", "1", List.of(target("alert", "news", "financials"))),
                        tuple("alert_financials/news", "7.0", List.of(target("alert_financials", "news"))),
                        tuple("collections/one.json", "PT15M", List.of(target("alert_financials", "news"))));
        assertThat(file.content()).allSatisfy(entry -> {
            assertThat(entry.getProblems()).isEmpty();
            assertThat(entry.getEnabled()).isTrue();
            assertThat(entry.getFileHash()).isEqualTo(file.hash());
        });
    }

    @Test
    void shouldHoldNothingWhenThereIsNoFolder() {
        assertThat(new SeedFiles(folder.resolve("none"), CLOCK).read())
                .isEqualTo(new Seeds(List.of(), List.of(), List.of(), List.of()));
    }

    @Test
    void shouldNameAnUnreadableFileAndReadTheRest() throws IOException {
        write("catalog/a.json", "[\n{\"topic\": \"x\",\n}]");
        write("catalog/b.json", "{\"topic\": \"good\", \"topic_action\": \"create\"}");
        write("processors/broken.json", "{");
        write("schedules/broken.json", "nonsense");
        write("catalog/notes.txt", "no JSON, and no business of ours");

        Seeds seeds = new SeedFiles(folder, CLOCK).read();

        assertThat(seeds.problems())
                .extracting(SeedProblem::file, SeedProblem::line)
                .containsExactly(
                        tuple("catalog/a.json", 3),
                        tuple("processors/broken.json", 1),
                        tuple("schedules/broken.json", 1));
        assertThat(seeds.problems())
                .allSatisfy(problem -> assertThat(problem.fault()).isNotBlank());
        assertThat(seeds.catalog()).extracting(SeedFile::name).containsExactly("catalog/b.json");
    }

    @Test
    void shouldReportAWrongCatalogEntryWithItsLineAndKeepTheOthers() throws IOException {
        write("catalog/a.json", """
                [
                  {"topic": "good", "topic_action": "create"},
                  {"topic": "Bad", "topic_action": "create"},
                  {"topic": "good", "segment": "s", "topic_action": "create"},
                  {"topic": "old", "segment": "s", "segment_action": "delete"}
                ]""");

        Seeds seeds = new SeedFiles(folder, CLOCK).read();

        assertThat(seeds.catalog().getFirst().content())
                .containsExactly(
                        new CatalogRequest("good", null, CatalogRequest.Action.CREATE),
                        new CatalogRequest("old", "s", CatalogRequest.Action.DELETE));
        assertThat(seeds.problems()).extracting(SeedProblem::line).containsExactly(3, 4);
    }

    @Test
    void shouldReportAnIdThatIsGivenTwice() throws IOException {
        String processor = "{\"id\": \"same\", \"topic\": \"t\", \"segment\": \"s\", \"data_list\": "
                + "[{\"value\": \"a\", \"text\": \"x\"}]}";
        write("processors/a.json", processor);
        write("processors/b.json", processor);

        Seeds seeds = new SeedFiles(folder, CLOCK).read();

        assertThat(seeds.processors()).flatExtracting(SeedFile::content).hasSize(1);
        assertThat(seeds.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString())
                        .startsWith("processors/b.json: ")
                        .contains("'same'"));
    }

    @Test
    void shouldListAScheduleOfAMissingCollectionFileWithItsProblem() throws IOException {
        write("schedules/s.json", "[{\"data_collection_file_path\": \"none.json\", \"schedule\": 1}]");

        ScheduleEntry entry = new SeedFiles(folder, CLOCK)
                .read()
                .schedules()
                .getFirst()
                .content()
                .getFirst();

        assertThat(entry.getProblems())
                .extracting(ConfigProblem::getField)
                .containsExactly("data_collection_file_path");
        assertThat(entry.getProblems().getFirst().getMessage()).contains("none.json");
    }

    @Test
    void shouldListWhatIsWrongWithASchedule() throws IOException {
        write("schedules/s.json", "[{\"schedule\": 0}, {\"topic\": \"Bad\", \"schedule\": []}]");

        List<ScheduleEntry> entries =
                new SeedFiles(folder, CLOCK).read().schedules().getFirst().content();

        assertThat(entries.get(0).getProblems())
                .extracting(ConfigProblem::getField)
                .containsExactly("data_collection_file_path", "schedule");
        assertThat(entries.get(1).getProblems())
                .extracting(ConfigProblem::getField)
                .containsExactly("topic", "segment_targets", "schedule");
    }

    @Test
    void shouldReadZoneJitterAndWhetherAScheduleIsOn() throws IOException {
        write("schedules/s.json", """
                [{"topic": "t", "segment": "a", "schedule": "30 2 * * *", "time_zone": "Europe/Berlin",
                  "jitter": "PT1M30S", "enabled": false}]""");

        ScheduleEntry entry = new SeedFiles(folder, CLOCK)
                .read()
                .schedules()
                .getFirst()
                .content()
                .getFirst();

        assertThat(entry.getProblems()).isEmpty();
        assertThat(entry.getTimeZone()).isEqualTo("Europe/Berlin");
        assertThat(entry.getJitterMs()).isEqualTo(90_000);
        assertThat(entry.getEnabled()).isFalse();
    }

    @Test
    void shouldNameTheFieldOfAScheduleThatCannotBeUnderstood() throws IOException {
        String target = "{\"topic\": \"t\", \"segment\": \"s%d\", ";
        write(
                "schedules/s.json",
                "["
                        + String.join(
                                ", ",
                                target.formatted(1) + "\"schedule\": \"now and then\"}",
                                target.formatted(2) + "\"schedule\": 1, \"time_zone\": \"Europe/Atlantis\"}",
                                target.formatted(3) + "\"schedule\": 1, \"jitter\": \"PT25H\"}",
                                target.formatted(4) + "\"schedule\": 1, \"enabled\": \"no\"}")
                        + "]");

        assertThat(new SeedFiles(folder, CLOCK).read().schedules().getFirst().content())
                .flatExtracting(ScheduleEntry::getProblems)
                .extracting(ConfigProblem::getField)
                .containsExactly("schedule", "time_zone", "jitter", "enabled");
    }

    @Test
    void shouldHashTheCollectionFileWithTheSchedule() throws IOException {
        write("schedules/s.json", "[{\"data_collection_file_path\": \"../c.json\", \"schedule\": 1}]");
        write("c.json", "{\"topic\": \"t\", \"segment_targets\": [\"a\"]}");
        String first =
                new SeedFiles(folder, CLOCK).read().schedules().getFirst().hash();
        write("c.json", "{\"topic\": \"t\", \"segment_targets\": [\"b\"]}");
        String changed =
                new SeedFiles(folder, CLOCK).read().schedules().getFirst().hash();

        assertThat(first).isNotEqualTo(changed);
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static CollectTarget target(String topic, String... segments) {
        return new CollectTarget(topic, List.of(segments));
    }
}
