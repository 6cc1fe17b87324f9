package io.penstock.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.schema.RunFailure;
import io.penstock.schema.RunItem;
import io.penstock.schema.RunProgress;
import io.penstock.schema.RunSample;
import io.penstock.schema.RunState;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.topology.DrivenTopology;
import io.penstock.topology.PinnedTopology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunsTopologyTest {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");
    private static final String RUN = "run-1";
    private static final int ORDERS = 150;

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final DrivenTopology driven = new DrivenTopology(serdes, new RunsTopology(serdes).build(), START);
    private int seconds;

    @AfterEach
    void stop() {
        driven.close();
    }

    @Test
    void shouldRememberHowFarTheIndexMustComeWhateverTheOrderOfItsEvents() {
        send(accepted("news"));
        send(RunEvents.at(RunEvents.indexed(RUN, "a", at()), 1, 17));
        send(RunEvents.at(RunEvents.indexed(RUN, "b", at()), 1, 4));
        send(RunEvents.at(RunEvents.indexed(RUN, "c", at()), 3, 0));
        send(RunEvents.indexed(RUN, "d", at()));

        assertThat(run().getIndexPosition()).isEqualTo(Map.of("1", 17L, "3", 0L));
    }

    @Test
    void shouldFollowARunFromItsAcceptanceToItsEnd() {
        send(accepted("news"));
        assertThat(run().getState()).isEqualTo(RunState.RUNNING);
        assertThat(run().getSegments()).containsExactly("news");
        send(fannedOut("news"));
        send(matched("news", 2));
        send(taskDone("t1", 1, 1));
        send(RunEvents.enriched(RUN, "a", at()));
        send(RunEvents.indexed(RUN, "a", at()));
        send(taskDone("t2", 1, 1));
        assertThat(run().getState()).isEqualTo(RunState.RUNNING);
        assertThat(run().getFinishedAt()).isNull();

        Instant end = at();
        send(RunEvents.unchanged(RUN, "b", end));

        Run run = run();
        assertThat(run.getState()).isEqualTo(RunState.DONE);
        assertThat(run.getAlertId()).isEqualTo("alert-1");
        assertThat(run.getTopic()).isEqualTo("economy");
        assertThat(run.getStartedAt()).isEqualTo(START.plusSeconds(1));
        assertThat(run.getFinishedAt()).isEqualTo(end);
        assertThat(RunOutcome.tasks(run)).isEqualTo(2);
        assertThat(List.of(run.getCaptured(), run.getEnriched(), run.getIndexed(), run.getUnchanged()))
                .containsExactly(2, 1, 1, 1);
        assertThat(List.of(run.getRejected(), run.getFailed())).containsOnly(0);
        assertThat(run.getFailures()).isEmpty();
    }

    @Test
    void shouldBeDoneWhenQualityRulesRejected() {
        sendAll(fannedOut("news"), matched("news", 1), taskDone("t1", 1, 1));
        send(RunEvents.rejected(RUN, "a", "quality.short", "too short", at()));

        assertThat(run().getState()).isEqualTo(RunState.DONE);
        assertThat(run().getRejected()).isEqualTo(1);
        assertThat(run().getFailures()).isEmpty();
        assertThat(run().getRejections())
                .containsExactly(
                        new RunFailure("quality.short", 1, "a: too short", List.of(new RunSample("a", "too short"))));
    }

    @Test
    void shouldListRejectionsByTheirLatestCodesWithTheFirstOfThemAsSamples() {
        sendAll(fannedOut("news"), matched("news", 1), taskDone("t1", 8, 8));
        for (String item : List.of("g", "f", "e", "d", "c", "b", "a")) {
            send(RunEvents.rejected(RUN, item, "quality.short", "too short, " + item, at()));
        }
        send(RunEvents.rejected(RUN, "h", "content.encrypted", "locked", at()));
        assertThat(rejections()).containsExactly("content.encrypted 1 [h]", "quality.short 7 [a, b, c, d, e]");

        send(RunEvents.rejected(RUN, "b", "content.encrypted", "locked", at()));

        assertThat(rejections()).containsExactly("content.encrypted 2 [b, h]", "quality.short 6 [a, c, d, e, f]");
        assertThat(run().getRejected()).isEqualTo(8);
        assertThat(run().getState()).isEqualTo(RunState.DONE);
    }

    private List<String> rejections() {
        return run().getRejections().stream()
                .map(rejection -> rejection.getCode() + " " + rejection.getCount() + " "
                        + rejection.getSamples().stream()
                                .map(RunSample::getRecordId)
                                .toList())
                .toList();
    }

    @Test
    void shouldBeDoneWhenAMatchedDataListIsEmptyOnOneOfTwoSegments() {
        sendAll(fannedOut("news", "filings"), matched("news", 0), matched("filings", 1), taskDone("t1", 0, 0));

        assertThat(run().getState()).isEqualTo(RunState.DONE);
    }

    @Test
    void shouldBePartialWhenSomethingFailedAndSomethingWasIndexed() {
        sendAll(fannedOut("news"), matched("news", 2), taskDone("t1", 1, 1), taskDone("t2", 1, 0));
        send(RunEvents.indexed(RUN, "a", at()));
        send(failed("b", "capture.timeout", "too slow"));

        assertThat(run().getState()).isEqualTo(RunState.PARTIAL);
        assertThat(run().getCode()).isNull();
        assertThat(failures()).containsExactly("capture.timeout 1 b: too slow");
    }

    @Test
    void shouldBePartialWhenSomethingFailedAndTheRestWasUnchanged() {
        sendAll(fannedOut("news"), matched("news", 1), taskDone("t1", 2, 1));
        send(RunEvents.unchanged(RUN, "a", at()));
        send(failed("b", "capture.timeout", "too slow"));

        assertThat(run().getState()).isEqualTo(RunState.PARTIAL);
    }

    @Test
    void shouldHaveFailedWhenSomethingFailedAndNothingWasIndexed() {
        sendAll(fannedOut("news"), matched("news", 3), taskDone("t1", 1, 0), taskDone("t2", 1, 0));
        sendAll(taskDone("t3", 1, 1), RunEvents.rejected(RUN, "c", "quality.empty", "nothing", at()));
        send(failed("a", "capture.timeout", "too slow"));
        send(failed("b", "capture.timeout", "too slow, too"));

        assertThat(run().getState()).isEqualTo(RunState.FAILED);
        assertThat(run().getFailed()).isEqualTo(2);
        assertThat(failures()).containsExactly("capture.timeout 2 a: too slow");
    }

    @Test
    void shouldFailWhenNoProcessorServesAnySegment() {
        sendAll(accepted("news", "filings"), fannedOut("news", "filings"), matched("news", 0));
        assertThat(run().getState()).isEqualTo(RunState.RUNNING);

        sendAll(matched("filings", 0), matched("filings", 0));

        assertThat(run().getState()).isEqualTo(RunState.FAILED);
        assertThat(run().getCode()).isEqualTo("run.no-processor");
        assertThat(run().getFailures()).extracting(RunFailure::getCode).containsExactly("run.no-processor");
        assertThat(run().getFailures().getFirst().getSample()).contains("news, filings of economy");
    }

    @Test
    void shouldFailWhenItsTopicWasDeleted() {
        sendAll(fannedOut("news"), RunEvents.failed(RUN, null, "topic.deleted", "gone", at()));

        assertThat(run().getState()).isEqualTo(RunState.FAILED);
        assertThat(run().getCode()).isEqualTo("topic.deleted");
        assertThat(failures()).containsExactly("topic.deleted 1 gone");
    }

    @Test
    void shouldBePartialWhenASegmentWasDeletedUnderItsItemsAndOthersWereIndexed() {
        sendAll(fannedOut("news", "filings"), matched("news", 1), matched("filings", 1));
        sendAll(taskDone("t1", 1, 1), taskDone("t2", 1, 0), RunEvents.indexed(RUN, "a", at()));
        send(failed("b", "topic.deleted", "gone"));

        assertThat(run().getState()).isEqualTo(RunState.PARTIAL);
        assertThat(run().getCode()).isNull();
        assertThat(failures()).containsExactly("topic.deleted 1 b: gone");
    }

    @Test
    void shouldGoOnWithTheOtherSegmentsWhenOneWasDeletedBeforeItWasMatched() {
        sendAll(accepted("news", "filings"), fannedOut("news", "filings"), matched("news", 1));
        sendAll(taskDone("t1", 1, 1), RunEvents.indexed(RUN, "a", at()));
        assertThat(run().getState()).isEqualTo(RunState.RUNNING);

        send(RunEvents.segmentDeleted(RUN, "economy", "filings", at()));
        send(RunEvents.segmentDeleted(RUN, "economy", "filings", at()));

        assertThat(run().getState()).isEqualTo(RunState.PARTIAL);
        assertThat(run().getFailures().getFirst().getCount()).isEqualTo(1);
        assertThat(run().getFailures().getFirst().getSample()).contains("'filings'");
    }

    @Test
    void shouldFailWhenEverySegmentWasDeletedBeforeItWasMatched() {
        sendAll(fannedOut("news"), RunEvents.segmentDeleted(RUN, "economy", "news", at()));

        assertThat(run().getState()).isEqualTo(RunState.FAILED);
        assertThat(run().getFailures()).extracting(RunFailure::getCode).containsExactly("topic.deleted");
    }

    @Test
    void shouldBePartialWhenASegmentWasDeletedBetweenAcceptanceAndFanOut() {
        sendAll(accepted("news", "filings"), fannedOut("news"), matched("news", 1), taskDone("t1", 1, 1));
        send(RunEvents.indexed(RUN, "a", at()));

        assertThat(run().getState()).isEqualTo(RunState.PARTIAL);
        assertThat(run().getFailures()).extracting(RunFailure::getCode).containsExactly("topic.deleted");
    }

    @Test
    void shouldEndTheRunsOfALifeAtItsFenceAndNoOthers() {
        begin("of-this-life", "economy", "life 1");
        begin("of-an-early-version", "economy", null);
        begin("of-a-later-life", "economy", "life 2");
        begin("of-another-topic", "health", "life 1");
        begin("over", "economy", "life 1");
        sendAll(RunEvents.matched("over", "news", Map.of("p", 1), at()), RunEvents.taskDone("over", "t", 1, 1, at()));
        send(RunEvents.indexed("over", "a", at()));

        driven.send(Topics.RUN_EVENT, "fence/f1", RunEvents.fence(fence("economy", "life 1")));

        for (String ended : List.of("of-this-life", "of-an-early-version")) {
            assertThat(runs().get(ended).getState()).as(ended).isEqualTo(RunState.FAILED);
            assertThat(runs().get(ended).getCode()).isEqualTo("topic.deleted");
            assertThat(runs().get(ended).getFinishedAt()).isNotNull();
        }
        assertThat(runs().get("of-a-later-life").getState()).isEqualTo(RunState.RUNNING);
        assertThat(runs().get("of-another-topic").getState()).isEqualTo(RunState.RUNNING);
        assertThat(runs().get("over").getState()).isEqualTo(RunState.DONE);
        assertThat(driven.values(Topics.FENCE_ACK, FenceAck.class))
                .singleElement()
                .satisfies(ack -> {
                    assertThat(ack.getFenceId()).isEqualTo("f1");
                    assertThat(ack.getStage()).isEqualTo("runs");
                    assertThat(ack.getTopic()).isEqualTo("run.event");
                    assertThat(ack.getRemoved()).isEqualTo(2);
                });
    }

    private void begin(String runId, String topic, @Nullable String life) {
        send(RunEvents.ofLife(RunEvents.fannedOut(runId, "alert", topic, List.of("news"), at()), life));
    }

    private static Fence fence(String topic, String life) {
        return Fence.newBuilder()
                .setFenceId("f1")
                .setTopic(topic)
                .setIncarnations(List.of(life))
                .setRequestedAt(START)
                .build();
    }

    @Test
    void shouldMakeNoRunOfAnAlertThatWasRejectedWhole() {
        send(RunEvents.failed(RUN, null, "topic.unknown", "no such topic", at()));

        assertThat(runs().get(RUN)).isNull();
    }

    @Test
    void shouldEndARunThatTheGatewayAcceptedAndTheFanOutRejected() {
        sendAll(accepted("news"), RunEvents.failed(RUN, null, "topic.unknown", "no such topic", at()));

        assertThat(run().getState()).isEqualTo(RunState.FAILED);
        assertThat(run().getCode()).isEqualTo("topic.unknown");
        assertThat(run().getFinishedAt()).isNotNull();
    }

    @Test
    void shouldKeepRunsApart() {
        sendAll(fannedOut("news"), matched("news", 1), taskDone("t1", 1, 1));
        send(RunEvents.indexed("run-10", "a", at()));
        assertThat(run().getState()).isEqualTo(RunState.RUNNING);

        send(RunEvents.indexed(RUN, "a", at()));
        assertThat(run().getState()).isEqualTo(RunState.DONE);
        assertThat(runs().get("run-10").getIndexed()).isEqualTo(1);
    }

    @Test
    void shouldGiveUpARunThatIsSilentForThirtyMinutes() {
        sendAll(fannedOut("news"), matched("news", 1));
        driven.advance(Duration.ofMinutes(29));
        assertThat(run().getState()).isEqualTo(RunState.RUNNING);
        driven.advance(Duration.ofMinutes(2));

        assertThat(run().getState()).isEqualTo(RunState.FAILED);
        assertThat(run().getCode()).isEqualTo("run.stalled");
        assertThat(run().getFinishedAt()).isEqualTo(driven.now());
        assertThat(run().getFailures()).extracting(RunFailure::getCode).containsExactly("run.stalled");
    }

    @Test
    void shouldNotGiveUpARunThatIsHeardOfNowAndThen() {
        sendAll(fannedOut("news"), matched("news", 3));
        driven.advance(Duration.ofMinutes(20));
        send(taskDone("t1", 1, 1));
        driven.advance(Duration.ofMinutes(20));

        assertThat(run().getState()).isEqualTo(RunState.RUNNING);
    }

    @Test
    void shouldCorrectAStalledRunByLateEvents() {
        sendAll(fannedOut("news"), matched("news", 1), taskDone("t1", 1, 1));
        driven.advance(Duration.ofMinutes(31));
        assertThat(run().getCode()).isEqualTo("run.stalled");
        seconds = 3_000;

        Instant late = at();
        send(RunEvents.indexed(RUN, "a", late));

        assertThat(run().getState()).isEqualTo(RunState.DONE);
        assertThat(run().getCode()).isNull();
        assertThat(run().getFailures()).isEmpty();
        assertThat(run().getFinishedAt()).isEqualTo(late);
    }

    @Test
    void shouldWaitAgainForAStalledRunThatMovesAndGiveItUpAgain() {
        sendAll(fannedOut("news"), matched("news", 2));
        driven.advance(Duration.ofMinutes(31));
        send(taskDone("t1", 1, 1));
        assertThat(run().getState()).isEqualTo(RunState.RUNNING);
        assertThat(run().getFinishedAt()).isNull();

        driven.advance(Duration.ofMinutes(31));

        assertThat(run().getState()).isEqualTo(RunState.FAILED);
        assertThat(run().getFailures()).extracting(RunFailure::getCount).containsExactly(1);
    }

    @Test
    void shouldForgetItemsAfterSevenDaysAndKeepTheRun() {
        sendAll(fannedOut("news"), matched("news", 1), taskDone("t1", 1, 1), RunEvents.indexed(RUN, "a", at()));
        driven.advance(Duration.ofDays(8));
        send(RunEvents.accepted("run-2", "alert-2", "economy", List.of("news"), driven.now()));
        driven.advance(Duration.ofMinutes(2));

        try (KeyValueIterator<String, Object> items =
                driven.<Object>store(RunsTopology.RUN_ITEMS).all()) {
            assertThat(items).isExhausted();
        }
        assertThat(run().getState()).isEqualTo(RunState.DONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "done",
                "partial",
                "failed",
                "no-processor",
                "deleted",
                "segment-deleted",
                "missing",
                "repaired",
                "cancelled",
                "many",
                "several"
            })
    void shouldComeToTheSameRunInWhateverOrderAndHoweverOftenEventsCome(String story) {
        List<RunEvent> events = story(story);
        Run expected = fold("in-order", events);
        assertThat(expected.getState())
                .isEqualTo(Map.of(
                                "done", RunState.DONE,
                                "partial", RunState.PARTIAL,
                                "segment-deleted", RunState.PARTIAL,
                                "missing", RunState.PARTIAL,
                                "repaired", RunState.DONE,
                                "several", RunState.DONE,
                                "cancelled", RunState.CANCELLED)
                        .getOrDefault(story, RunState.FAILED));
        for (int seed = 0; seed < ORDERS; seed++) {
            Random random = new Random(seed);
            List<RunEvent> shuffled = new ArrayList<>(events);
            for (int extra = random.nextInt(events.size() + 1); extra > 0; extra--) {
                shuffled.add(events.get(random.nextInt(events.size())));
            }
            Collections.shuffle(shuffled, random);
            if (List.of(RunEventKind.FAILED, RunEventKind.CANCELLED)
                            .contains(shuffled.getFirst().getKind())
                    && shuffled.getFirst().getRecordId() == null) {
                continue; // the one order that cannot be: what fails a whole run follows what began it
            }
            assertThat(fold("order-" + seed, shuffled))
                    .as("order of seed %s", seed)
                    .isEqualTo(expected);
        }
    }

    /** Events of a run in the order in which they were made. */
    private List<RunEvent> story(String name) {
        List<RunEvent> events = new ArrayList<>();
        events.add(accepted("news", "filings"));
        events.add(name.equals("missing") ? fannedOut("news") : fannedOut("news", "filings"));
        switch (name) {
            case "no-processor" -> Collections.addAll(events, matched("news", 0), matched("filings", 0));
            case "deleted" ->
                Collections.addAll(
                        events,
                        matched("news", 1),
                        RunEvents.failed(RUN, null, "topic.deleted", "The topic is gone.", at()),
                        taskDone("t1", 2, 1),
                        failed("a", "topic.deleted", "deleted meanwhile"),
                        failed("b", "capture.timeout", "too slow"));
            case "segment-deleted" ->
                Collections.addAll(
                        events,
                        matched("news", 1),
                        RunEvents.segmentDeleted(RUN, "economy", "filings", at()),
                        taskDone("t1", 2, 1),
                        RunEvents.unchanged(RUN, "a", at()),
                        failed("b", "capture.timeout", "too slow"));
            case "missing" ->
                Collections.addAll(events, matched("news", 1), taskDone("t1", 1, 1), RunEvents.indexed(RUN, "a", at()));
            case "repaired" -> { // dead letters that were replayed: one failed again before it worked
                Collections.addAll(events, matched("news", 2), matched("filings", 0));
                Collections.addAll(events, taskDone("t1", 1, 0), failed("a", "capture.timeout", "too slow"));
                Collections.addAll(events, taskDone("t2", 1, 1), failed("b", "llm.failed", "no answer"));
                Collections.addAll(events, taskDone("t1", 1, 0), failed("a", "capture.refused", "not there"));
                Collections.addAll(events, taskDone("t1", 1, 1), RunEvents.indexed(RUN, "a", at()));
                events.add(RunEvents.rejected(RUN, "b", "quality.short", "too short", at()));
            }
            case "cancelled" ->
                Collections.addAll(
                        events,
                        matched("news", 2),
                        matched("filings", 1),
                        taskDone("t1", 1, 1),
                        RunEvents.cancelRequested(RUN, at()),
                        taskDone("t2", 1, 0),
                        RunEvents.cancelled(RUN, "b", at()),
                        taskDone("t3", 1, 0),
                        failed("c", "capture.timeout", "too slow"),
                        RunEvents.indexed(RUN, "a", at()));
            case "several" -> { // items of a task that failed as a whole before it was tried again
                Collections.addAll(events, matched("news", 1), matched("filings", 0));
                Collections.addAll(events, taskDone("t1", 1, 0), failedTask("a", "t1"));
                Collections.addAll(events, taskDone("t1", 1, 0), failedTask("a", "t1"));
                Collections.addAll(events, taskDone("t1", 3, 3), RunEvents.indexed(RUN, "a/1", at()));
                Collections.addAll(events, RunEvents.indexed(RUN, "a/2", at()), RunEvents.unchanged(RUN, "a/3", at()));
            }
            case "many" -> {
                Collections.addAll(events, matched("news", 1), matched("filings", 0), taskDone("t1", 9, 9));
                for (String item : List.of("a", "b", "c", "d", "e", "f", "g", "h", "i")) {
                    events.add(failed(item, "llm.failed", "no answer for " + item));
                }
                events.add(RunEvents.rejected(RUN, "b", "quality.short", "too short", at()));
                events.add(failed("d", "llm.timeout", "none in time"));
                events.add(RunEvents.rejected(RUN, "b", "quality.unreadable", "no letters", at()));
                events.add(RunEvents.rejected(RUN, "c", "quality.short", "too short, too", at()));
            }
            case "failed" ->
                Collections.addAll(
                        events,
                        matched("news", 2),
                        matched("filings", 0),
                        failed("a", "capture.timeout", "too slow"),
                        taskDone("t1", 1, 0),
                        failed("b", "capture.not-found", "no such file"),
                        taskDone("t2", 1, 0));
            default -> {
                Collections.addAll(events, matched("news", 2), matched("filings", 1));
                Collections.addAll(events, taskDone("t1", 2, 2), taskDone("t2", 1, 1), taskDone("t3", 2, 2));
                for (String item : List.of("a", "b", "c")) {
                    events.add(RunEvents.enriched(RUN, item, at()));
                    events.add(RunEvents.indexed(RUN, item, at()));
                }
                events.add(RunEvents.unchanged(RUN, "d", at()));
                events.add(
                        name.equals("done")
                                ? RunEvents.rejected(RUN, "e", "quality.short", "too short", at())
                                : failed("e", "capture.timeout", "too slow"));
            }
        }
        return events;
    }

    private Run fold(String runId, List<RunEvent> events) {
        for (RunEvent event : events) {
            send(RunEvent.newBuilder(event).setRunId(runId).build());
        }
        return Run.newBuilder(runs().get(runId)).setRunId(RUN).build();
    }

    @Test
    void shouldCountAnItemThatWorkedInAnotherTryAsNoFailure() {
        sendAll(fannedOut("news"), matched("news", 2), taskDone("t1", 1, 0), taskDone("t2", 1, 1));
        sendAll(failed("a", "capture.timeout", "too slow"), RunEvents.indexed(RUN, "b", at()));
        assertThat(run().getState()).isEqualTo(RunState.PARTIAL);

        sendAll(taskDone("t1", 1, 1), RunEvents.enriched(RUN, "a", at()));
        assertThat(failures()).containsExactly("capture.timeout 1 a: too slow");
        send(RunEvents.indexed(RUN, "a", at()));

        assertThat(run().getState()).isEqualTo(RunState.DONE);
        assertThat(run().getFailures()).isEmpty();
        assertThat(List.of(run().getCaptured(), run().getIndexed(), run().getItems(), run().getTerminal()))
                .containsOnly(2);
        assertThat(run().getFailed()).isZero();
    }

    @Test
    void shouldCountTheItemsOfATaskOnceItWorkedAndNotTheOneThatStoodForIt() {
        sendAll(fannedOut("news"), matched("news", 1), failedTask("a", "t1"), taskDone("t1", 1, 0));
        assertThat(run().getState()).isEqualTo(RunState.FAILED);

        sendAll(taskDone("t1", 2, 2));
        assertThat(run().getState()).as("two items are on their way").isEqualTo(RunState.RUNNING);
        sendAll(RunEvents.indexed(RUN, "a/1", at()), RunEvents.indexed(RUN, "a/2", at()));

        assertThat(run().getState()).isEqualTo(RunState.DONE);
        assertThat(run().getFailures()).isEmpty();
        assertThat(List.of(run().getItems(), run().getTerminal(), run().getIndexed(), run().getCaptured()))
                .containsOnly(2);
    }

    @Test
    void shouldShowTheFirstFailuresOfACodeAlsoWhenOthersAreRepaired() {
        sendAll(fannedOut("news"), matched("news", 1), taskDone("t1", 8, 8));
        for (String item : List.of("h", "g", "f", "e", "d", "c", "b", "a")) {
            send(failed(item, "llm.failed", "no answer for " + item));
        }
        assertThat(samples()).containsExactly("a", "b", "c", "d", "e");

        sendAll(RunEvents.indexed(RUN, "a", at()), RunEvents.indexed(RUN, "d", at()));

        assertThat(samples()).containsExactly("b", "c", "e", "f", "g");
        assertThat(failures()).containsExactly("llm.failed 6 b: no answer for b");
    }

    private List<String> samples() {
        return run().getFailures().getFirst().getSamples().stream()
                .map(RunSample::getRecordId)
                .toList();
    }

    @Test
    void shouldCountForEachProcessor() {
        sendAll(fannedOut("news"), RunEvents.matched(RUN, "news", Map.of("one", 2, "other", 1), at()));
        sendAll(taskDone("one/a", 1, 1), taskDone("one/b/c", 1, 0), taskDone("other/a", 1, 1));
        send(RunEvents.indexed(RUN, "economy/news/one/a", at()));
        send(failed("economy/news/one/b/c", "capture.timeout", "too slow"));

        assertThat(run().getProcessors())
                .containsOnly(
                        Map.entry(
                                "one",
                                RunProgress.newBuilder()
                                        .setTasks(2)
                                        .setTasksDone(2)
                                        .setItems(2)
                                        .setCaptured(1)
                                        .setEnriched(1)
                                        .setIndexed(1)
                                        .setFailed(1)
                                        .build()),
                        Map.entry(
                                "other",
                                RunProgress.newBuilder()
                                        .setTasks(1)
                                        .setTasksDone(1)
                                        .setItems(1)
                                        .setCaptured(1)
                                        .build()));
    }

    @Test
    void shouldBeCancelledOnceWhatWasCapturedIsIndexed() {
        sendAll(fannedOut("news"), matched("news", 2), taskDone("t1", 1, 1), RunEvents.cancelRequested(RUN, at()));
        assertThat(run().getCancelRequested()).isTrue();
        sendAll(taskDone("t2", 1, 0), RunEvents.cancelled(RUN, "b", at()));
        assertThat(run().getState()).isEqualTo(RunState.RUNNING);

        send(RunEvents.indexed(RUN, "a", at()));

        assertThat(run().getState()).isEqualTo(RunState.CANCELLED);
        assertThat(run().getCancelled()).isEqualTo(1);
        assertThat(run().getFailed()).isZero();
    }

    @Test
    void shouldEndAsUsualWhenItIsCancelledTooLate() {
        sendAll(fannedOut("news"), matched("news", 1), taskDone("t1", 1, 1), RunEvents.cancelRequested(RUN, at()));
        send(RunEvents.indexed(RUN, "a", at()));

        assertThat(run().getState()).isEqualTo(RunState.DONE);
    }

    @Test
    void shouldLinkARunAndItsRetries() {
        sendAll(fannedOut("news"), RunEvents.retried(RUN, "z", at()), RunEvents.retried(RUN, "b", at()));
        send(RunEvents.retried(RUN, "z", at()));
        send(RunEvents.retryOf(RunEvents.fannedOut("b", "alert-2", "economy", List.of("news"), at()), RUN));

        assertThat(run().getRetriedBy()).containsExactly("b", "z");
        assertThat(runs().get("b").getRetryOf()).isEqualTo(RUN);
    }

    @Test
    void shouldKeepTheEndOfARunThatIsRetriedOrderedAgainOrCancelledTooLate() {
        sendAll(accepted("news"), fannedOut("news"), matched("news", 2), taskDone("t1", 1, 1), taskDone("t2", 1, 0));
        send(failed("b", "capture.timeout", "too slow"));
        Instant end = at();
        send(RunEvents.indexed(RUN, "a", end));
        assertThat(run().getFinishedAt()).isEqualTo(end);

        send(RunEvents.retried(RUN, "another", at()));
        send(accepted("news"));
        send(RunEvents.failed(RUN, null, "idempotency.conflict", "another order", at()));
        send(RunEvents.cancelRequested(RUN, at()));

        assertThat(run().getRetriedBy()).containsExactly("another");
        assertThat(run().getFinishedAt()).isEqualTo(end);
        assertThat(run().getState()).isEqualTo(RunState.PARTIAL);

        Instant repaired = at();
        send(RunEvents.indexed(RUN, "b", repaired));
        assertThat(run().getFinishedAt()).as("what it did itself is its end").isEqualTo(repaired);
    }

    @Test
    void shouldNotReviveAStalledRunThatIsRetried() {
        sendAll(fannedOut("news"), matched("news", 1));
        driven.advance(Duration.ofMinutes(31));
        Instant end = run().getFinishedAt();

        seconds = 3_000;
        send(RunEvents.retried(RUN, "another", at()));

        assertThat(run().getState()).isEqualTo(RunState.FAILED);
        assertThat(run().getCode()).isEqualTo("run.stalled");
        assertThat(run().getFinishedAt()).isEqualTo(end);
    }

    @Test
    void shouldListTheNewestRunFirstAndThoseOfAMomentByTheirIds() {
        Instant early = at();
        Instant late = at();
        sendAll(
                RunEvents.accepted("m", "alert-m", "economy", List.of("news"), early),
                RunEvents.accepted("z", "alert-z", "economy", List.of("news"), late),
                RunEvents.accepted("a", "alert-a", "economy", List.of("news"), early),
                RunEvents.accepted("b", "alert-b", "economy", List.of("news"), late),
                RunEvents.matched("b", "news", Map.of("p", 1), at()));

        assertThat(listed()).containsExactly("b alert-b", "z alert-z", "a alert-a", "m alert-m");
    }

    @Test
    void shouldListARunOnceWhenItsBeginningIsHeardOfLate() {
        Instant begin = at();
        send(RunEvents.accepted("other", "alert-2", "economy", List.of("news"), at()));
        send(RunEvents.indexed(RUN, "a", at()));
        assertThat(listed()).containsExactly(RUN + " ", "other alert-2");

        send(RunEvents.accepted(RUN, "alert-1", "economy", List.of("news"), begin));

        assertThat(listed()).containsExactly("other alert-2", RUN + " alert-1");
    }

    /** Id and alert of the runs in the order of their places. */
    private List<String> listed() {
        List<String> found = new ArrayList<>();
        try (KeyValueIterator<String, String> all =
                driven.<String>store(RunsTopology.RUNS_BY_TIME).all()) {
            all.forEachRemaining(entry -> found.add(RunOrder.runId(entry.key) + " " + entry.value));
        }
        return found;
    }

    @Test
    void shouldOrderASweepOnceWhenAProcessorHasSeenAllThereIs() {
        sendAll(fannedOut("news"), sweeping("news", 2), taskDone("reader/t1", 1, 1));
        send(RunEvents.indexed(RUN, "economy/news/reader/a", at()));
        send(taskDone("reader/t2", 1, 1));
        assertThat(sweeps()).isEmpty();

        RunEvent last = RunEvents.rejected(RUN, "economy/news/reader/b", "quality.short", "too short", at());
        sendAll(last, last);

        CaptureTask order = sweeps().getFirst();
        assertThat(order.getRunId()).isEqualTo(RUN);
        assertThat(order.getTopic()).isEqualTo("economy");
        assertThat(order.getSegment()).isEqualTo("news");
        assertThat(order.getProcessor()).isEqualTo("reader");
        assertThat(order.getIncarnation()).isEqualTo("life-news");
        assertThat(order.getSweepSince()).isEqualTo(run().getStartedAt());
        assertThat(order.getEntry()).isNull();
        assertThat(sweeps()).as("read above, and given once").isEmpty();
    }

    @Test
    void shouldOrderNoSweepOfWhatARunHasNotSeenWhole() {
        for (List<RunEvent> events : List.of(
                List.of(
                        taskDone("reader/t1", 2, 2),
                        RunEvents.indexed(RUN, "economy/news/reader/a", at()),
                        failed("economy/news/reader/b", "capture.timeout", "too slow")),
                List.of(
                        taskDone("reader/t1", 2, 1),
                        RunEvents.indexed(RUN, "economy/news/reader/a", at()),
                        RunEvents.cancelled(RUN, "economy/news/reader/b", at())),
                List.of(
                        RunEvents.cancelRequested(RUN, at()),
                        taskDone("reader/t1", 1, 1),
                        RunEvents.indexed(RUN, "economy/news/reader/a", at())),
                List.of(taskDone("reader/t1", 0, 0)),
                List.of(
                        RunEvents.retryOf(fannedOut("news"), "another"),
                        taskDone("reader/t1", 1, 1),
                        RunEvents.indexed(RUN, "economy/news/reader/a", at())),
                List.of(RunEvents.topicDeleted(RUN, "economy", at())))) {
            runs().delete(RUN);
            forgetItems();
            sendAll(fannedOut("news"), sweeping("news", 1));
            events.forEach(this::send);

            assertThat(run().getState()).as(events.toString()).isNotEqualTo(RunState.RUNNING);
            assertThat(sweeps()).as(events.toString()).isEmpty();
        }
    }

    @Test
    void shouldOrderASweepOfTheProcessorThatWorkedWhenAnotherFailed() {
        sendAll(
                fannedOut("news", "filings"),
                sweeping("news", 1),
                matched("filings", 1),
                taskDone("reader/t1", 1, 1),
                taskDone("filings-reader/t2", 1, 0),
                RunEvents.unchanged(RUN, "economy/news/reader/a", at()),
                failed("economy/filings/filings-reader/b", "capture.timeout", "too slow"));

        assertThat(run().getState()).isEqualTo(RunState.PARTIAL);
        assertThat(sweeps()).extracting(CaptureTask::getProcessor).containsExactly("reader");
    }

    private RunEvent sweeping(String segment, int tasks) {
        return RunEvents.sweeping(
                RunEvents.matched(RUN, segment, Map.of("reader", tasks), at()), Map.of("reader", "life-" + segment));
    }

    private List<CaptureTask> sweeps() {
        return driven.values(Topics.CAPTURE_TASK, CaptureTask.class);
    }

    private void forgetItems() {
        KeyValueStore<String, RunItem> items = driven.store(RunsTopology.RUN_ITEMS);
        List<String> keys = new ArrayList<>();
        try (var all = items.all()) {
            all.forEachRemaining(entry -> keys.add(entry.key));
        }
        keys.forEach(items::delete);
    }

    @Test
    void shouldDeadLetterWhatIsNotAvro() {
        driven.send(Topics.RUN_EVENT, RUN, "nonsense".getBytes(UTF_8), START, new RecordHeaders());

        assertThat(driven.deadLetters(RunsTopology.NAME))
                .extracting(DrivenTopology.Letter::code)
                .containsExactly("record.undecodable");
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(RunsTopology.NAME, new RunsTopology(serdes).build());
    }

    private KeyValueStore<String, Run> runs() {
        return driven.store(RunsTopology.RUNS);
    }

    private Run run() {
        return runs().get(RUN);
    }

    private List<String> failures() {
        return run().getFailures().stream()
                .map(failure -> failure.getCode() + " " + failure.getCount() + " " + failure.getSample())
                .toList();
    }

    private void sendAll(RunEvent... events) {
        List.of(events).forEach(this::send);
    }

    private void send(RunEvent event) {
        driven.send(Topics.RUN_EVENT, event.getRunId(), event);
    }

    /** Each event a second later than the one before. */
    private Instant at() {
        return START.plusSeconds(++seconds);
    }

    private RunEvent accepted(String... segments) {
        return RunEvents.accepted(RUN, "alert-1", "economy", List.of(segments), at());
    }

    private RunEvent fannedOut(String... segments) {
        return RunEvents.fannedOut(RUN, "alert-1", "economy", List.of(segments), at());
    }

    private RunEvent matched(String segment, int tasks) {
        return RunEvents.matched(RUN, segment, tasks == 0 ? Map.of() : Map.of(segment + "-reader", tasks), at());
    }

    private RunEvent taskDone(String task, int items, int captured) {
        return RunEvents.taskDone(RUN, RUN + "/" + task, items, captured, at());
    }

    private RunEvent failedTask(String item, String task) {
        return RunEvents.ofTask(failed(item, "capture.timeout", "too slow"), RUN + "/" + task);
    }

    private RunEvent failed(String item, String code, String message) {
        return RunEvents.failed(RUN, item, code, message, at());
    }
}
