package io.penstock.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.schedule.Cadence;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.DataEntry;
import io.penstock.schema.LabelDefinition;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.ScheduleEntry;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Configurations of the systems that Penstock follows load as they are: the first one's literal forms, and the later one's. */
class LiteralConfigurationTest {
    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");

    @Test
    void shouldLoadTopicsAndSegments() {
        assertThat(read("literal").catalog())
                .flatExtracting(SeedFile::content)
                .containsExactly(
                        new CatalogRequest("school", null, CatalogRequest.Action.CREATE),
                        new CatalogRequest("school", "science_notes", CatalogRequest.Action.CREATE));
        assertThat(read("literal").problems()).isEmpty();
    }

    @Test
    void shouldLoadAProcessorThatIsTopicSegmentAndDataList() {
        ProcessorEntry notes = processors("literal", "processors/notes.json").getFirst();

        assertThat(notes.getId()).isEqualTo("school.science_notes.1");
        assertThat(notes.getTopic()).isEqualTo("school");
        assertThat(notes.getSegment()).isEqualTo("science_notes");
        assertThat(notes.getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(notes.getProblems()).isEmpty();
        assertThat(notes.getDataList())
                .containsExactly(
                        new DataEntry(
                                "tides",
                                "Tides",
                                Map.of(
                                        "text",
                                        "The moon pulls the water of the seas, so that most coasts have two tides a day.")),
                        new DataEntry(
                                "fog", "Fog", Map.of("text", "Fog forms where moist air cools over cold water.")));
        assertThat(notes.getSource().getType()).isEqualTo("inline");
        assertThat(notes.getPromptTemplate()).isNull();
        assertThat(notes.getLabels()).isEmpty();
        assertThat(notes.getBatchSize()).isEqualTo(10);
        assertThat(notes.getApiRateLimit()).isZero();
        assertThat(notes.getLlm()).isNull();
        assertThat(notes.getFile()).isEqualTo("processors/notes.json");
        assertThat(notes.getUpdatedAt()).isEqualTo(NOW);
    }

    @Test
    void shouldListAProcessorWhoseListHoldsNoContentWithWhatItLacks() {
        ProcessorEntry places = processors("literal", "processors/places.json").getFirst();

        assertThat(places.getId()).isEqualTo("school.science_notes.2");
        assertThat(places.getDataList())
                .containsExactly(
                        new DataEntry("harbour", "harbour", Map.of()),
                        new DataEntry("lighthouse", "lighthouse", Map.of()));
        assertThat(places.getState()).isEqualTo(ProcessorState.INVALID);
        assertThat(places.getProblems())
                .extracting(ConfigProblem::getCode, ConfigProblem::getField, ConfigProblem::getLine)
                .containsExactly(tuple("processor.source-missing", "source", 1));
    }

    @Test
    void shouldLoadAScheduleInDaysWithItsCommentAndItsCollectionOfEveryTopic() {
        ScheduleEntry daily = read("literal").schedules().getFirst().content().getFirst();

        assertThat(daily.getId()).isEqualTo("collections/all.json");
        assertThat(daily.getSchedule()).isEqualTo("1");
        assertThat(daily.getEnabled()).isTrue();
        assertThat(daily.getProblems()).isEmpty();
        assertThat(daily.getFile()).isEqualTo("schedules/scheduler.json");
        assertThat(daily.getTargets()).containsExactly(new CollectTarget("alert", List.of("science_notes", "news")));
        assertThat(Cadence.parse(daily.getSchedule())).isEqualTo(Cadence.parse("P1D"));
    }

    @Test
    void shouldLoadTheLaterFormWithAllItsFields() {
        List<ProcessorEntry> loaded = processors("original", "processors/config.json");

        assertThat(loaded).hasSize(2).allSatisfy(entry -> {
            assertThat(entry.getTopic()).isEqualTo("alert_financials");
            assertThat(entry.getSegment()).isEqualTo("news");
            assertThat(entry.getState()).isEqualTo(ProcessorState.ACTIVE);
            assertThat(entry.getProblems()).isEmpty();
        });
        ProcessorEntry news = loaded.getFirst();
        assertThat(news.getId()).isEqualTo("alert_financials.news.1");
        assertThat(news.getDataList())
                .containsExactly(
                        new DataEntry("aapl", "Apple Inc", Map.of()), new DataEntry("X:BTCUSD", "Bitcoin", Map.of()));
        assertThat(news.getPromptTemplate()).isEqualTo("What do these headlines mean for [ASSET_NAME] ([VALUE])?");
        assertThat(news.getBatchSize()).isEqualTo(5);
        assertThat(news.getApiRateLimit()).isEqualTo(7.0);
        assertThat(news.getLabels())
                .containsExactly(
                        new LabelDefinition("bullish", "good for the price"),
                        new LabelDefinition("bearish", "bad for the price"));
        assertThat(news.getSource().getType()).isEqualTo("http");
        assertThat(news.getSource().getUri()).isEqualTo("https://news.example/search?q={value}");
        assertThat(loaded.get(1).getSource().getType()).isEqualTo("inline");
    }

    @Test
    void shouldLoadTheLaterSchedulesByTopicAndInFractionsOfDays() {
        assertThat(read("original").schedules().getFirst().content())
                .extracting(ScheduleEntry::getSchedule, ScheduleEntry::getTargets)
                .contains(tuple("7.0", List.of(new CollectTarget("alert_financials", List.of("news")))));
        assertThat(Cadence.parse("7.0")).isEqualTo(Cadence.parse("P7D"));
    }

    private static List<ProcessorEntry> processors(String folder, String file) {
        return read(folder).processors().stream()
                .filter(read -> read.name().equals(file))
                .findFirst()
                .orElseThrow()
                .content();
    }

    private static Seeds read(String folder) {
        return new SeedFiles(Path.of("src/test/resources", folder), InstantSource.fixed(NOW)).read();
    }
}
