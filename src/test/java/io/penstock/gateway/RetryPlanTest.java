package io.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.processor.ProcessorView;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.Run;
import io.penstock.schema.RunState;
import io.penstock.schema.SourceConfig;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryPlanTest {
    private static final Map<String, ProcessorEntry> PROCESSORS = Map.of(
            "reader", processor("reader", "news", ProcessorState.ACTIVE, "a", "b", "b/c"),
            "broken", processor("broken", "news", ProcessorState.INVALID, "a"),
            "moved", processor("moved", "filings", ProcessorState.ACTIVE, "a"));

    private final RetryPlan.Maker maker = new RetryPlan.Maker(new EconomyNews(), new Known());

    @Test
    void shouldMakeTheTasksOfTheFailedItemsAsTheirProcessorsAreNow() {
        RetryPlan plan = maker.plan(run("life"), "new", List.of("economy/news/reader/a", "economy/news/reader/b/c"));

        assertThat(plan.leftOut()).isEmpty();
        assertThat(plan.topicIncarnation()).isEqualTo("life");
        assertThat(plan.segments()).containsExactly("news");
        assertThat(plan.tasksBySegment()).isEqualTo(Map.of("news", Map.of("reader", 2)));
        assertThat(plan.tasks()).extracting(task -> task.getEntry().getValue()).containsExactly("a", "b/c");
        CaptureTask task = plan.tasks().getFirst();
        assertThat(task.getRunId()).isEqualTo("new");
        assertThat(task.getIncarnation()).isEqualTo("life");
        assertThat(task.getApiRateLimit()).isEqualTo(3);
        assertThat(task.getSource().getUri()).isEqualTo("as it is now");
    }

    @Test
    void shouldMakeOneTaskOfSeveralItemsThatOneEntryMade() {
        RetryPlan plan = maker.plan(
                run(null),
                "new",
                List.of("economy/news/reader/a/1", "economy/news/reader/a/2", "economy/news/reader/a"));

        assertThat(plan.tasks()).extracting(task -> task.getEntry().getValue()).containsExactly("a");
    }

    @Test
    void shouldLeaveOutWhatCannotBeCapturedAnyMoreAndSayWhy() {
        RetryPlan plan = maker.plan(
                run("life"),
                "new",
                List.of(
                        "economy/news/reader/z",
                        "economy/news/gone/a",
                        "economy/news/broken/a",
                        "economy/news/moved/a",
                        "economy/minutes/reader/a",
                        "no record id"));

        assertThat(plan.tasks()).isEmpty();
        assertThat(plan.leftOut()).hasSize(6);
        assertThat(plan.leftOut().get("economy/news/reader/z")).contains("data list");
        assertThat(plan.leftOut().get("economy/news/moved/a")).contains("moved", "does not serve");
        assertThat(plan.leftOut().get("economy/minutes/reader/a")).contains("segment was deleted");
    }

    @Test
    void shouldRefuseARunOfAnEarlierLifeOfItsTopic() {
        assertThatThrownBy(() -> maker.plan(run("an earlier life"), "new", List.of("economy/news/reader/a")))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOPIC_DELETED));
    }

    private static Run run(@Nullable String incarnation) {
        return Run.newBuilder()
                .setRunId("old")
                .setTopic("economy")
                .setState(RunState.PARTIAL)
                .setStartedAt(Instant.EPOCH)
                .setLastEventAt(Instant.EPOCH)
                .setIncarnation(incarnation)
                .build();
    }

    private static ProcessorEntry processor(String id, String segment, ProcessorState state, String... values) {
        return ProcessorEntry.newBuilder()
                .setId(id)
                .setTopic("economy")
                .setSegment(segment)
                .setState(state)
                .setConfig("{}")
                .setUpdatedAt(Instant.EPOCH)
                .setSource(SourceConfig.newBuilder()
                        .setType("file")
                        .setUri("as it is now")
                        .build())
                .setApiRateLimit(3)
                .setDataList(Arrays.stream(values)
                        .map(value -> new DataEntry(value, value, Map.of()))
                        .toList())
                .build();
    }

    private static final class Known implements ProcessorView {
        @Override
        public Optional<ProcessorEntry> byId(String id) {
            return Optional.ofNullable(PROCESSORS.get(id));
        }

        @Override
        public List<ProcessorEntry> serving(String topic, String segment) {
            return List.of();
        }

        @Override
        public List<ProcessorEntry> all() {
            return List.copyOf(PROCESSORS.values());
        }
    }
}
