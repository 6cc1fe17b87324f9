package io.penstock.schedule;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.kafka.Topics;
import io.penstock.schema.Alert;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.topology.DrivenTopology;
import io.penstock.topology.PinnedTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScheduleTopologyTest {
    /** A Friday. */
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

    private static final Duration MOMENT = Duration.ofMillis(100);

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private DrivenTopology driven = start(START);

    private DrivenTopology start(Instant at) {
        return new DrivenTopology(serdes, new ScheduleTopology(serdes).build(), at);
    }

    @AfterEach
    void stop() {
        driven.close();
    }

    @Test
    void shouldFireAtOnceWhatNeverRan() {
        send(entry("docs", "1").build());
        driven.advance(MOMENT);

        List<DrivenTopology.Out<Alert>> alerts = driven.read(Topics.ALERT, Alert.class);
        assertThat(alerts).hasSize(1);
        Alert alert = alerts.getFirst().value();
        assertThat(alert.getAlertId())
                .isEqualTo("docs@" + START)
                .isEqualTo(alerts.getFirst().key());
        assertThat(alert.getTopic()).isEqualTo("penstock");
        assertThat(alert.getSegmentTargets()).containsExactly("docs");
        assertThat(alert.getRequestedBy()).isEqualTo("schedule docs");
        ScheduleMark mark = mark("docs");
        assertThat(mark.getLastDue()).isEqualTo(START);
        assertThat(mark.getFiredAt()).isEqualTo(driven.now());
        assertThat(mark.getNextDue()).isEqualTo(START.plus(Duration.ofDays(1)));
    }

    @Test
    void shouldShowWhenItRunsNextAsSoonAsItIsKnownOrChanged() {
        send(entry("docs", "1").build());
        assertThat(mark("docs").getNextDue()).as("at once").isEqualTo(START);

        send(entry("cron", "30 12 * * *").build());
        assertThat(mark("cron").getNextDue()).isEqualTo(Instant.parse("2026-05-01T12:30:00Z"));

        send(entry("cron", "45 12 * * *").build());
        assertThat(mark("cron").getNextDue()).isEqualTo(Instant.parse("2026-05-01T12:45:00Z"));
        assertThat(mark("cron").getNextFire()).isEqualTo(Instant.parse("2026-05-01T12:45:00Z"));

        send(entry("cron", "45 12 * * *").setEnabled(false).build());
        assertThat(mark("cron").getNextDue()).isNull();
    }

    @Test
    void shouldFireAgainAfterEachPeriodAndNotBetween() {
        send(entry("docs", "PT15M").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);

        driven.advance(Duration.ofMinutes(14));
        assertThat(fired()).isEmpty();
        driven.advance(Duration.ofMinutes(2));
        assertThat(fired()).containsExactly("docs@" + START.plus(Duration.ofMinutes(15)));
        driven.advance(Duration.ofMinutes(15));
        assertThat(fired()).containsExactly("docs@" + START.plus(Duration.ofMinutes(30)));
    }

    @Test
    void shouldFireOneAlertForEachTarget() {
        send(entry("both", "1")
                .setTargets(List.of(target("penstock", "docs"), target("alert", "news", "filings")))
                .build());
        driven.advance(MOMENT);

        assertThat(driven.values(Topics.ALERT, Alert.class))
                .extracting(Alert::getAlertId, Alert::getTopic, Alert::getSegmentTargets)
                .containsExactly(
                        tuple("both@" + START + "#0", "penstock", List.of("docs")),
                        tuple("both@" + START + "#1", "alert", List.of("news", "filings")));
    }

    @Test
    void shouldFireNothingTwiceOverARestart() {
        send(entry("docs", "1").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);

        restart(START.plus(Duration.ofHours(1)));
        driven.advance(MOMENT);
        send(entry("docs", "1").build());
        driven.advance(Duration.ofMinutes(5));
        assertThat(fired()).isEmpty();

        driven.advance(Duration.ofHours(24));
        assertThat(fired()).containsExactly("docs@" + START.plus(Duration.ofDays(1)));
    }

    @Test
    void shouldCollapseWhatWasMissedWhileStopped() {
        send(entry("docs", "1").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);

        restart(START.plus(Duration.ofDays(5)).plus(Duration.ofHours(3)));
        driven.advance(MOMENT);

        assertThat(fired()).containsExactly("docs@" + START.plus(Duration.ofDays(5)));
        driven.advance(Duration.ofHours(1));
        assertThat(fired()).isEmpty();
    }

    @Test
    void shouldGoOnFromNowWhenTheClockWasAhead() {
        send(entry("docs", "PT15M").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);

        restart(START.minus(Duration.ofDays(30)));
        driven.advance(Duration.ofMinutes(1));
        assertThat(fired()).isEmpty();
        driven.advance(Duration.ofMinutes(15));

        assertThat(fired()).hasSize(1);
        assertThat(mark("docs").getLastDue()).isBefore(START);
    }

    @Test
    void shouldFollowACronExpression() {
        send(entry("docs", "0 6 * * *").build());
        driven.advance(Duration.ofHours(19));
        assertThat(fired()).isEmpty();
        assertThat(mark("docs").getNextDue()).isEqualTo(Instant.parse("2026-05-02T06:00:00Z"));

        driven.advance(Duration.ofHours(2));

        assertThat(fired()).containsExactly("docs@2026-05-02T06:00:00Z");
        assertThat(mark("docs").getNextDue()).isEqualTo(Instant.parse("2026-05-03T06:00:00Z"));
    }

    @Test
    void shouldLiveOnWithACronExpressionThatNamesNoDay() {
        send(entry("never", "0 0 30 2 *").build());
        driven.advance(MOMENT);

        assertThat(fired()).isEmpty();
        assertThat(mark("never").getNextDue()).isNull();
        send(entry("docs", "1").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);
    }

    @Test
    void shouldNotFireWhatIsOffAtFaultOrUnreadable() {
        send(entry("off", "1").setEnabled(false).build());
        send(entry("fault", "1")
                .setProblems(List.of(ConfigProblem.newBuilder()
                        .setCode("topic.unknown")
                        .setField("topic")
                        .setMessage("There is no such topic.")
                        .build()))
                .build());
        send(entry("unreadable", "now and then").build());
        driven.advance(Duration.ofHours(30));

        assertThat(fired()).isEmpty();
    }

    @Test
    void shouldFireWhatIsSwitchedOnAgain() {
        send(entry("docs", "1").setEnabled(false).build());
        driven.advance(Duration.ofHours(1));
        assertThat(fired()).isEmpty();

        send(entry("docs", "1").build());
        driven.advance(MOMENT);

        assertThat(fired()).hasSize(1);
    }

    @Test
    void shouldForgetWhatIsRemoved() {
        send(entry("docs", "1").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);

        driven.send(Topics.SCHEDULE, "docs", null, driven.now(), new RecordHeaders());
        driven.advance(Duration.ofHours(30));

        assertThat(fired()).isEmpty();
        assertThat(mark("docs")).isNull();
    }

    @Test
    void shouldKeepWhenItLastRanWhenItsPeriodChanges() {
        send(entry("docs", "7").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);

        send(entry("docs", "PT1H").build());
        driven.advance(Duration.ofMinutes(50));
        assertThat(fired()).isEmpty();
        driven.advance(Duration.ofMinutes(11));
        assertThat(fired()).containsExactly("docs@" + START.plus(Duration.ofHours(1)));
    }

    @Test
    void shouldNotFireAtOnceWhatWouldHaveBeenDueWhenItsPeriodBecomesShorter() {
        send(entry("docs", "7").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);
        driven.advance(Duration.ofHours(50).plusMinutes(10));

        send(entry("docs", "PT1H").build());
        driven.advance(Duration.ofMinutes(49));
        assertThat(fired()).isEmpty();
        assertThat(mark("docs").getNextDue()).isEqualTo(START.plus(Duration.ofHours(51)));
        driven.advance(Duration.ofMinutes(2));
        assertThat(fired()).containsExactly("docs@" + START.plus(Duration.ofHours(51)));
    }

    @Test
    void shouldNotMakeUpForTheTimeWhenItWasOff() {
        send(entry("docs", "PT1H").build());
        driven.advance(MOMENT);
        assertThat(fired()).hasSize(1);
        send(entry("docs", "PT1H").setEnabled(false).build());
        driven.advance(Duration.ofHours(10).plusMinutes(30));
        assertThat(fired()).isEmpty();
        assertThat(mark("docs").getNextDue()).isNull();

        send(entry("docs", "PT1H").build());
        driven.advance(Duration.ofMinutes(20));
        assertThat(fired()).isEmpty();
        driven.advance(Duration.ofMinutes(20));
        assertThat(fired()).containsExactly("docs@" + START.plus(Duration.ofHours(11)));
    }

    @Test
    void shouldFireLaterByItsJitterAndSayWhen() {
        send(entry("docs", "PT1H")
                .setJitterMs(Duration.ofMinutes(30).toMillis())
                .build());
        driven.advance(Duration.ofMinutes(31));
        assertThat(fired()).containsExactly("docs@" + START);
        Instant due = START.plus(Duration.ofHours(1));
        assertThat(mark("docs").getNextDue()).isEqualTo(due);
        Instant fires = mark("docs").getNextFire();
        assertThat(fires).isBetween(due, due.plus(Duration.ofMinutes(30)));

        driven.advance(Duration.between(driven.now(), fires).minusMillis(100));
        assertThat(fired()).isEmpty();
        driven.advance(Duration.ofMillis(300));
        assertThat(fired()).containsExactly("docs@" + due);
    }

    @Test
    void shouldRememberWhatItFiredLast() {
        send(entry("both", "1")
                .setTargets(List.of(target("penstock", "docs"), target("alert", "news")))
                .build());
        driven.advance(MOMENT);

        assertThat(mark("both").getLastAlerts())
                .containsOnly(
                        Map.entry("both@" + START + "#0", "penstock"), Map.entry("both@" + START + "#1", "alert"));
    }

    @Test
    void shouldDeadLetterWhatIsNotAvro() {
        driven.send(Topics.SCHEDULE, "docs", "nonsense".getBytes(UTF_8), START, new RecordHeaders());

        assertThat(driven.deadLetters(ScheduleTopology.NAME))
                .extracting(DrivenTopology.Letter::code)
                .containsExactly("record.undecodable");
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(ScheduleTopology.NAME, new ScheduleTopology(serdes).build());
    }

    /** What the changelog brings back, and the offsets that are committed: the entry is not read again. */
    private void restart(Instant at) {
        ScheduleMark mark = mark("docs");
        driven.close();
        driven = start(at);
        driven.<ScheduleMark>store(ScheduleTopology.SCHEDULE).put("docs", mark);
    }

    private void send(ScheduleEntry entry) {
        driven.send(Topics.SCHEDULE, entry.getId(), entry);
    }

    private List<String> fired() {
        return driven.values(Topics.ALERT, Alert.class).stream()
                .map(Alert::getAlertId)
                .toList();
    }

    private ScheduleMark mark(String id) {
        return driven.<ScheduleMark>store(ScheduleTopology.SCHEDULE).get(id);
    }

    private static ScheduleEntry.Builder entry(String id, String schedule) {
        return ScheduleEntry.newBuilder()
                .setId(id)
                .setSchedule(schedule)
                .setTargets(List.of(target("penstock", "docs")));
    }

    private static CollectTarget target(String topic, String... segments) {
        return new CollectTarget(topic, List.of(segments));
    }
}
