package io.penstock.alert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.catalog.FakeCatalog;
import io.penstock.kafka.Topics;
import io.penstock.processor.ProcessorView;
import io.penstock.run.RunIds;
import io.penstock.schema.Alert;
import io.penstock.schema.AlertRejection;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.schema.SeenAlert;
import io.penstock.schema.SegmentAlert;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.topology.DrivenTopology;
import io.penstock.topology.DrivenTopology.Letter;
import io.penstock.topology.DrivenTopology.Out;
import io.penstock.topology.PinnedTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlertFanoutTopologyTest {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");
    private static final Duration MOMENT = Duration.ofMillis(200);

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final FakeCatalog catalog = new FakeCatalog();
    private final Served processors = new Served();
    private final DrivenTopology driven = new DrivenTopology(serdes, topology(), START);

    private Topology topology() {
        return new AlertFanoutTopology(serdes, catalog, processors).build();
    }

    @AfterEach
    void stop() {
        driven.close();
    }

    @Test
    void shouldMakeOneOrderForEachSegment() {
        exists("economy", "statements");
        exists("economy", "minutes");

        send(alert("a1", "economy", "statements", "minutes", "statements"));

        String run = RunIds.runId("a1", "economy");
        List<Out<SegmentAlert>> orders = driven.read(Topics.ALERT_SEGMENT, SegmentAlert.class);
        assertThat(orders).extracting(Out::key).containsExactly(run + "/statements", run + "/minutes");
        SegmentAlert first = orders.getFirst().value();
        assertThat(first.getRunId()).isEqualTo(run);
        assertThat(first.getAlertId()).isEqualTo("a1");
        assertThat(first.getTopic()).isEqualTo("economy");
        assertThat(first.getSegment()).isEqualTo("statements");
        assertThat(first.getIncarnation()).isEqualTo("life of economy/statements");
        assertThat(first.getRequestedAt()).isEqualTo(START);
        assertThat(first.getRequestedBy()).isEqualTo("test");
        Out<RunEvent> event = onlyEvent();
        assertThat(event.key()).isEqualTo(run);
        assertThat(event.value().getKind()).isEqualTo(RunEventKind.FANNED_OUT);
        assertThat(event.value().getAlertId()).isEqualTo("a1");
        assertThat(event.value().getTopic()).isEqualTo("economy");
        assertThat(event.value().getSegments()).containsExactly("statements", "minutes");
        assertThat(event.value().getIncarnation()).isEqualTo("life of economy");
        assertThat(rejections()).isEmpty();
    }

    @Test
    void shouldRememberAnAlertWithoutNamingWhatItOrdered() {
        exists("economy", "statements");

        send(alert("a1", "economy", "statements", "minutes"));

        SeenAlert seen =
                driven.<SeenAlert>store(AlertFanoutTopology.SEEN_ALERTS).get("a1");
        assertThat(seen.toString()).doesNotContain("economy", "statements");
        assertThat(seen.getOrder())
                .isEqualTo(AlertOrder.fingerprint("economy", List.of("minutes", "statements", "minutes")))
                .isNotEqualTo(AlertOrder.fingerprint("economy", List.of("statements")))
                .isNotEqualTo(AlertOrder.fingerprint("health", List.of("minutes", "statements")));
    }

    @Test
    void shouldTakeAnAlertIdOnlyOnceWhateverItsKeyAndTopic() {
        exists("economy", "statements");
        exists("health", "news");

        driven.send(Topics.ALERT, "k1", alert("a1", "economy", "statements"));
        driven.send(Topics.ALERT, "k2", alert("a1", "economy", "statements"));
        driven.send(Topics.ALERT, null, alert("a1", "economy", "statements"));
        driven.send(Topics.ALERT, null, alert("a2", "economy", "statements"));

        assertThat(orders()).containsExactly("economy/statements", "economy/statements");
        assertThat(driven.values(Topics.RUN_EVENT, RunEvent.class))
                .extracting(RunEvent::getRunId)
                .containsExactly(RunIds.runId("a1", "economy"), RunIds.runId("a2", "economy"));
    }

    @Test
    void shouldRefuseAnotherOrderUnderAnIdThatWasSeen() {
        exists("economy", "statements");
        exists("health", "news");
        send(alert("a1", "economy", "statements"));

        send(alert("a1", "health", "news"));

        assertThat(orders()).containsExactly("economy/statements");
        assertThat(rejections()).singleElement().asString().contains("idempotency.conflict");
        assertThat(driven.values(Topics.RUN_EVENT, RunEvent.class))
                .filteredOn(event -> event.getKind() == RunEventKind.FAILED)
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getRunId()).isEqualTo(RunIds.runId("a1", "health"));
                    assertThat(event.getCode()).isEqualTo("idempotency.conflict");
                });
    }

    @Test
    void shouldNotEndARunThatStillWaitsWhenAnotherOrderUnderItsIdIsRefused() {
        send(alert("a1", "economy", "statements"));

        send(alert("a1", "economy", "minutes"));

        assertThat(rejections()).singleElement().asString().contains("idempotency.conflict");
        assertThat(driven.values(Topics.RUN_EVENT, RunEvent.class)).isEmpty();
    }

    @Test
    void shouldNotForgetAnAlertBecauseOfARecordFromTheFuture() {
        exists("economy", "statements");
        send(alert("a1", "economy", "statements"));
        Alert future = alert("a2", "economy", "statements");
        driven.send(
                Topics.ALERT,
                null,
                driven.bytes(Topics.ALERT, future),
                START.plus(Duration.ofDays(36_500)),
                new RecordHeaders());

        send(alert("a1", "economy", "statements"));
        send(alert("a2", "economy", "statements"));

        assertThat(orders()).hasSize(2);
    }

    @Test
    void shouldForgetAnAlertAfterSevenDays() {
        exists("economy", "statements");
        send(alert("a1", "economy", "statements"));
        driven.advance(Duration.ofDays(6));
        send(alert("a1", "economy", "statements"));
        assertThat(orders()).hasSize(1);

        driven.advance(Duration.ofDays(1).plusSeconds(1));
        send(alert("a2", "economy", "statements"));
        send(alert("a1", "economy", "statements"));
        assertThat(orders()).hasSize(2);
    }

    @Test
    void shouldNameAnAlertWithoutAnIdByPartitionAndOffset() {
        exists("economy", "statements");

        send(alert(null, "economy", "statements"));
        send(alert("  ", "economy", "statements"));

        assertThat(driven.values(Topics.ALERT_SEGMENT, SegmentAlert.class))
                .extracting(SegmentAlert::getAlertId)
                .containsExactly("alert-0-0", "alert-0-1");
    }

    @Test
    void shouldWaitForATopicThatAppearsWithinFiveSeconds() {
        send(alert("a1", "economy", "statements"));
        driven.advance(Duration.ofMillis(4_800));
        assertSilent();

        exists("economy", "statements");
        driven.advance(MOMENT.dividedBy(2));

        assertThat(orders()).containsExactly("economy/statements");
        assertThat(onlyEvent().value().getKind()).isEqualTo(RunEventKind.FANNED_OUT);
        assertThat(rejections()).isEmpty();
        driven.advance(Duration.ofSeconds(10));
        assertSilent();
    }

    @Test
    void shouldRejectAnUnknownTopicAfterFiveSeconds() {
        send(alert("a1", "economy", "statements", "minutes"));
        driven.advance(Duration.ofMillis(4_900));
        assertSilent();

        driven.advance(MOMENT);

        List<Out<AlertRejection>> rejected = driven.read(Topics.ALERT_REJECTED, AlertRejection.class);
        assertThat(rejected).hasSize(1);
        assertThat(rejected.getFirst().key()).isEqualTo("a1");
        AlertRejection rejection = rejected.getFirst().value();
        assertThat(rejection.getAlertId()).isEqualTo("a1");
        assertThat(rejection.getTopic()).isEqualTo("economy");
        assertThat(rejection.getSegmentTargets()).containsExactly("statements", "minutes");
        assertThat(rejection.getCode()).isEqualTo("topic.unknown");
        assertThat(rejection.getReason()).contains("'economy'").contains("POST /api/topic");
        // A run that the gateway accepted must end; what a gateway accepts exists, so it was deleted since.
        RunEvent event = onlyEvent().value();
        assertThat(event.getKind()).isEqualTo(RunEventKind.FAILED);
        assertThat(event.getRunId()).isEqualTo(RunIds.runId("a1", "economy"));
        assertThat(event.getRecordId()).isNull();
        assertThat(event.getCode()).isEqualTo("topic.deleted");
        assertThat(orders()).isEmpty();
        driven.advance(Duration.ofMinutes(1));
        assertSilent();
    }

    @Test
    void shouldLetKnownSegmentsGoOnAndRejectTheOthers() {
        exists("economy", "statements");
        exists("economy", "old");
        catalog.delete("economy", "old");

        send(alert("a1", "economy", "statements", "typo", "old"));
        assertSilent();
        driven.advance(Duration.ofSeconds(5));

        assertThat(orders()).containsExactly("economy/statements");
        assertThat(onlyEvent().value().getSegments()).containsExactly("statements");
        assertThat(rejections())
                .containsExactlyInAnyOrder("economy [typo] segment.unknown", "economy [old] topic.deleting");
    }

    @Test
    void shouldRejectATopicWhoseDeletionHasBegun() {
        exists("economy", "statements");
        catalog.deleteTopic("economy");

        send(alert("a1", "economy", "statements"));
        driven.advance(Duration.ofSeconds(5));

        assertThat(orders()).isEmpty();
        assertThat(rejections()).containsExactly("economy [statements] topic.deleting");
    }

    @Test
    void shouldAddressEveryTopicThatHasTheSegments() {
        exists("economy", "news");
        exists("economy", "statements");
        exists("health", "news");
        exists("sports", "results");

        send(alert("a1", "alert", "news", "statements"));

        assertThat(orders()).containsExactly("economy/news", "economy/statements", "health/news");
        assertThat(driven.values(Topics.RUN_EVENT, RunEvent.class))
                .extracting(RunEvent::getRunId)
                .containsExactly(RunIds.runId("a1", "economy"), RunIds.runId("a1", "health"));
    }

    @Test
    void shouldRejectASegmentThatNoTopicHas() {
        exists("economy", "news");

        send(alert("a1", "alert", "news", "typo"));
        driven.advance(Duration.ofSeconds(5));

        assertThat(orders()).containsExactly("economy/news");
        assertThat(rejections()).containsExactly("alert [typo] segment.unknown");
    }

    @Test
    void shouldWaitForAProcessorAndThenGoOnWithoutOne() {
        catalog.put("economy", "statements", "life");

        send(alert("a1", "economy", "statements"));
        driven.advance(Duration.ofMillis(4_900));
        assertSilent();
        driven.advance(MOMENT);

        assertThat(orders()).containsExactly("economy/statements");
        assertThat(onlyEvent().value().getKind()).isEqualTo(RunEventKind.FANNED_OUT);
        assertThat(rejections()).isEmpty();
    }

    @Test
    void shouldGoOnAsSoonAsAProcessorServesTheSegment() {
        catalog.put("economy", "statements", "life");
        send(alert("a1", "economy", "statements"));
        driven.advance(Duration.ofSeconds(1));
        assertSilent();

        processors.served.add("economy/statements");
        driven.advance(MOMENT);

        assertThat(orders()).containsExactly("economy/statements");
    }

    @Test
    void shouldNotHoldOthersUpWhileOneWaits() {
        exists("economy", "statements");

        send(alert("a1", "health", "news"));
        send(alert("a2", "economy", "statements"));

        assertThat(orders()).containsExactly("economy/statements");
        send(alert("a1", "health", "news"));
        exists("health", "news");
        driven.advance(MOMENT);
        assertThat(orders()).as("seen while it waits").containsExactly("health/news");
        driven.advance(Duration.ofSeconds(10));
        assertThat(orders()).isEmpty();
    }

    @Test
    void shouldDeadLetterWhatIsNotAvro() {
        driven.send(Topics.ALERT, "k", "nonsense".getBytes(UTF_8), START, new RecordHeaders());

        Letter letter = onlyLetter();
        assertThat(letter.key()).isEqualTo("k");
        assertThat(letter.value()).isEqualTo("nonsense".getBytes(UTF_8));
        assertThat(letter.code()).isEqualTo("record.undecodable");
        assertThat(letter.stage()).isEqualTo("alert-decode");
        exists("economy", "statements");
        send(alert("a1", "economy", "statements"));
        assertThat(orders()).as("the topology lives on").hasSize(1);
    }

    @Test
    void shouldDeadLetterAnAlertThatNamesNothing() {
        Alert noSegment = alert("a1", "economy");
        Alert noTopic = alert("a2", " ", "statements");

        send(noSegment);
        send(noTopic);
        driven.send(Topics.ALERT, "gone", null, START, new RecordHeaders());

        List<Letter> letters = driven.deadLetters(AlertFanoutTopology.NAME);
        assertThat(letters).extracting(Letter::code).containsOnly("record.invalid");
        assertThat(letters).extracting(Letter::value).containsExactly(bytes(noSegment), bytes(noTopic), null);
        assertThat(letters).extracting(Letter::stage).containsExactly("alert-intake", "alert-intake", "alert-decode");
        driven.advance(Duration.ofSeconds(6));
        assertSilent();
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(AlertFanoutTopology.NAME, topology());
    }

    private void exists(String topic, String segment) {
        catalog.put(topic, segment, "life of " + topic + "/" + segment);
        processors.served.add(topic + "/" + segment);
    }

    private void send(Alert alert) {
        driven.send(Topics.ALERT, "any key", alert);
    }

    private byte[] bytes(Alert alert) {
        return driven.bytes(Topics.ALERT, alert);
    }

    private List<String> orders() {
        return driven.values(Topics.ALERT_SEGMENT, SegmentAlert.class).stream()
                .map(order -> order.getTopic() + "/" + order.getSegment())
                .toList();
    }

    private List<String> rejections() {
        return driven.values(Topics.ALERT_REJECTED, AlertRejection.class).stream()
                .map(rejection ->
                        rejection.getTopic() + " " + rejection.getSegmentTargets() + " " + rejection.getCode())
                .toList();
    }

    private Out<RunEvent> onlyEvent() {
        List<Out<RunEvent>> events = driven.read(Topics.RUN_EVENT, RunEvent.class);
        assertThat(events).hasSize(1);
        return events.getFirst();
    }

    private Letter onlyLetter() {
        List<Letter> letters = driven.deadLetters(AlertFanoutTopology.NAME);
        assertThat(letters).hasSize(1);
        return letters.getFirst();
    }

    private void assertSilent() {
        assertThat(orders()).isEmpty();
        assertThat(driven.read(Topics.RUN_EVENT, RunEvent.class)).isEmpty();
        assertThat(rejections()).isEmpty();
    }

    private static Alert alert(@Nullable String id, String topic, String... segments) {
        return Alert.newBuilder()
                .setAlertId(id)
                .setTopic(topic)
                .setSegmentTargets(List.of(segments))
                .setRequestedBy("test")
                .build();
    }

    private static final class Served implements ProcessorView {
        private final Set<String> served = new HashSet<>();

        @Override
        public Optional<ProcessorEntry> byId(String id) {
            return Optional.empty();
        }

        @Override
        public List<ProcessorEntry> serving(String topic, String segment) {
            return served.contains(topic + "/" + segment)
                    ? List.of(ProcessorEntry.newBuilder()
                            .setId("p")
                            .setTopic(topic)
                            .setSegment(segment)
                            .setState(ProcessorState.ACTIVE)
                            .setConfig("{}")
                            .setUpdatedAt(START)
                            .build())
                    : List.of();
        }

        @Override
        public List<ProcessorEntry> all() {
            return List.of();
        }
    }
}
