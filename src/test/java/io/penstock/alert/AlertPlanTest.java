package io.penstock.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.alert.AlertPlan.Target;
import io.penstock.alert.AlertPlan.TopicPlan;
import io.penstock.alert.AlertPlan.Unknown;
import io.penstock.catalog.FakeCatalog;
import io.penstock.error.ErrorCode;
import io.penstock.run.RunIds;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlertPlanTest {
    private final FakeCatalog catalog = new FakeCatalog();

    @Test
    void shouldTellKnownSegmentsFromUnknown() {
        catalog.put("economy", "statements", "life");
        catalog.put("economy", "old", "life");
        catalog.delete("economy", "old");

        AlertPlan plan = AlertPlan.of("economy", List.of("statements", "typo", "old", "statements"), catalog);

        assertThat(plan.isKnown()).isFalse();
        TopicPlan topic = plan.topics().getFirst();
        assertThat(plan.topics()).hasSize(1);
        assertThat(topic.targets()).containsExactly(new Target("statements", "life"));
        assertThat(topic.unknown())
                .extracting(Unknown::segment, Unknown::code)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple("typo", ErrorCode.SEGMENT_UNKNOWN),
                        org.assertj.core.api.Assertions.tuple("old", ErrorCode.TOPIC_DELETING));
        assertThat(topic.unknown().getFirst().reason()).contains("'economy'", "'typo'", "POST /api/segment");
        assertThat(topic.runId("a1")).isEqualTo(RunIds.runId("a1", "economy"));
    }

    @Test
    void shouldNotKnowATopicThatIsNotThereOrGoing() {
        catalog.put("economy", "statements", "life");
        catalog.deleteTopic("economy");

        assertThat(codes(AlertPlan.of("economy", List.of("statements"), catalog)))
                .containsExactly(ErrorCode.TOPIC_DELETING);
        assertThat(codes(AlertPlan.of("health", List.of("news", "news"), catalog)))
                .containsExactly(ErrorCode.TOPIC_UNKNOWN);
    }

    @Test
    void shouldAddressEachTopicThatHasAnyOfTheSegments() {
        catalog.put("economy", "news", "life 1");
        catalog.put("health", "news", "life 2");
        catalog.put("health", "trials", "life 3");
        catalog.put("sports", "results", "life 4");

        AlertPlan plan = AlertPlan.of("alert", List.of("news", "trials"), catalog);

        assertThat(plan.isKnown()).isTrue();
        assertThat(plan.topics()).extracting(TopicPlan::topic).containsExactly("economy", "health");
        assertThat(plan.topics().getLast().segments()).containsExactly("news", "trials");
    }

    @Test
    void shouldKnowNothingWhereThereIsNoTopic() {
        AlertPlan plan = AlertPlan.of("alert", List.of("news"), catalog);

        assertThat(plan.isKnown()).isFalse();
        assertThat(codes(plan)).containsExactly(ErrorCode.SEGMENT_UNKNOWN);
    }

    private static List<ErrorCode> codes(AlertPlan plan) {
        return plan.topics().stream()
                .flatMap(topic -> topic.unknown().stream())
                .map(Unknown::code)
                .toList();
    }
}
