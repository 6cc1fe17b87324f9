package io.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ScheduleEntry;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleOrderTest {
    private static final String WHOLE =
            "{'schedule':'PT15M','topic':'economy','segment_targets':['news'],'jitter':'PT30S'}";

    @Test
    void shouldKeepWhatIsLeftOutOfAChange() {
        ScheduleEntry stored = entry(Optional.empty(), WHOLE);

        ScheduleEntry changed = entry(Optional.of(stored), "{'schedule':2}");

        assertThat(changed.getSchedule()).isEqualTo("2");
        assertThat(changed.getJitterMs()).isEqualTo(30_000);
        assertThat(changed.getTargets()).isEqualTo(stored.getTargets());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'enabled':false}|lacks 'schedule' as well as 'topic' and 'segment_targets'",
                "{'schedule':1}|lacks 'topic' and 'segment_targets'",
                "{'topic':'economy','segment_targets':['news']}|lacks 'schedule'."
            })
    void shouldSayThatAnIdIsUnknownAndWhatAWholeScheduleHas(String body, String lack) {
        refused(Optional.empty(), body, ErrorCode.CONFIG_INVALID, "no schedule 'daily'", lack, "\"PT15M\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'schedule':1,'topic':'nowhere','segment_targets':['news']}|TOPIC_UNKNOWN|'nowhere'",
                "{'schedule':1,'topic':'economy','segment_targets':['news','gossip']}|SEGMENT_UNKNOWN|'gossip'",
                "{'schedule':1,'topic':'alert','segment_targets':['gossip']}|SEGMENT_UNKNOWN|'gossip'",
                "{'schedule':1,'enabled':false,'topic':'nowhere','segment_targets':['news']}|TOPIC_UNKNOWN|'nowhere'"
            })
    void shouldRefuseWhatACollectionOfItWouldBeRefusedFor(String body, ErrorCode code, String part) {
        refused(Optional.empty(), body, code, part);
    }

    @Test
    void shouldTurnOffWhatCollectsNothingAnyMoreAndNotOnAgain() {
        ScheduleEntry gone = target("nowhere", true);

        assertThat(entry(Optional.of(gone), "{'enabled':false}").getEnabled()).isFalse();
        refused(Optional.of(target("nowhere", false)), "{'enabled':true}", ErrorCode.TOPIC_UNKNOWN, "'nowhere'");
    }

    @Test
    void shouldSayWhichTargetsAreGone() {
        ScheduleEntry entry = ScheduleEntry.newBuilder(target("economy", true))
                .setTargets(List.of(
                        new CollectTarget("economy", List.of("news")),
                        new CollectTarget("economy", List.of("news", "gossip")),
                        new CollectTarget("nowhere", List.of("news", "gossip"))))
                .build();

        assertThat(ScheduleFault.in(entry, new EconomyNews()))
                .extracting(ScheduleFault::code, ScheduleFault::field)
                .containsExactly(
                        tuple(ErrorCode.SEGMENT_UNKNOWN, "targets[1]"), tuple(ErrorCode.TOPIC_UNKNOWN, "targets[2]"));
    }

    private static ScheduleEntry target(String topic, boolean enabled) {
        return ScheduleEntry.newBuilder()
                .setId("daily")
                .setSchedule("1")
                .setEnabled(enabled)
                .setTargets(List.of(new CollectTarget(topic, List.of("news"))))
                .build();
    }

    private static void refused(Optional<ScheduleEntry> known, String body, ErrorCode code, String... parts) {
        assertThatThrownBy(() -> entry(known, body)).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.detail()).contains(parts);
        });
    }

    private static ScheduleEntry entry(Optional<ScheduleEntry> known, String body) {
        return ScheduleOrder.entry("daily", known, json(body), new EconomyNews());
    }

    private static JsonNode json(String text) {
        try {
            return new JsonMapper().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
