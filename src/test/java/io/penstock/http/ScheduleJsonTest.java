package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.catalog.CatalogView;
import io.penstock.run.RunIds;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScheduleJsonTest {
    private static final Instant DUE = Instant.parse("2026-05-01T10:00:00Z");

    @Test
    void shouldSayThatItsTopicIsGone() {
        JsonNode json = new ScheduleJson(new NoCatalog(), Set.of()).of("daily", mark(Map.of()));

        assertThat(json.at("/problems/0/code").textValue()).isEqualTo("topic.unknown");
        assertThat(json.at("/problems/0/field").textValue()).isEqualTo("targets[0]");
        assertThat(json.at("/problems/0/message").textValue()).contains("'economy'");
    }

    @Test
    void shouldNameOnlyRunsThatThereAre() {
        ScheduleMark mark = mark(Map.of("a", "economy", "b", "health", "c", "alert"));
        String run = RunIds.runId("a", "economy");

        JsonNode alerts =
                new ScheduleJson(new NoCatalog(), Set.of(run)).of("daily", mark).at("/last_run/alerts");

        assertThat(ScheduleJson.runIds(mark)).containsExactlyInAnyOrder(run, RunIds.runId("b", "health"));
        assertThat(alerts)
                .hasSize(3)
                .allSatisfy(alert -> assertThat(alert.get("run_id").textValue())
                        .as(alert.toString())
                        .isEqualTo(alert.get("alert_id").textValue().equals("a") ? run : null));
    }

    private static ScheduleMark mark(Map<String, String> alerts) {
        return ScheduleMark.newBuilder()
                .setEntry(ScheduleEntry.newBuilder()
                        .setId("daily")
                        .setSchedule("1")
                        .setTargets(List.of(new CollectTarget("economy", List.of("news"))))
                        .build())
                .setFirstSeen(DUE)
                .setLastDue(DUE)
                .setFiredAt(DUE)
                .setLastAlerts(alerts)
                .build();
    }

    private static final class NoCatalog implements CatalogView {
        @Override
        public Optional<CatalogEntry> topic(String topic) {
            return Optional.empty();
        }

        @Override
        public Optional<CatalogEntry> segment(String topic, String segment) {
            return Optional.empty();
        }

        @Override
        public List<CatalogEntry> topics() {
            return List.of();
        }

        @Override
        public List<CatalogEntry> segments(String topic) {
            return List.of();
        }
    }
}
