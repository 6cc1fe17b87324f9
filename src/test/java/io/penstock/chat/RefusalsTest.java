package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    private static final TopicPartition PLACE = new TopicPartition("chat.reply.mine", 1);
    private static final long NOW = Long.MAX_VALUE - 1; // a clock may run over
    private static final long LATER = NOW + Refusals.LEFT_ALONE.toNanos();

    private final Refusals refusals = new Refusals();

    @Test
    void shouldLeaveAPartitionAloneForAMoment() {
        assertThat(refusals.mayTry(PLACE)).isTrue();
        assertThat(refusals.mayTry(PLACE)).as("any number while all is well").isTrue();
        refusals.refused(PLACE, NOW);

        assertThat(refusals.leftAlone(PLACE, NOW)).isEqualTo(Refusals.LEFT_ALONE);
        assertThat(refusals.leftAlone(PLACE, LATER - 1)).isEqualTo(Duration.ofNanos(1));
        assertThat(refusals.leftAlone(PLACE, LATER).isPositive()).isFalse();
        assertThat(refusals.leftAlone(new TopicPartition("chat.reply.mine", 2), NOW))
                .isZero();
    }

    @Test
    void shouldLetOneRecordAtATimeTryWhatTookNoneBefore() {
        refusals.refused(PLACE, NOW);

        assertThat(refusals.mayTry(PLACE)).isTrue();
        assertThat(refusals.mayTry(PLACE)).isFalse();
        refusals.tried(PLACE);
        assertThat(refusals.mayTry(PLACE)).isTrue();
        refusals.refused(PLACE, LATER);
        assertThat(refusals.leftAlone(PLACE, LATER)).isEqualTo(Refusals.LEFT_ALONE);
    }

    @Test
    void shouldForgetAllOnceThePartitionTakesARecord() {
        refusals.refused(PLACE, NOW);

        refusals.taken(PLACE);

        assertThat(refusals.leftAlone(PLACE, NOW)).isZero();
        assertThat(refusals.mayTry(PLACE)).isTrue();
        assertThat(refusals.mayTry(PLACE)).isTrue();
    }

    @Test
    void shouldForgetWhatNobodyTriesAnyMore() {
        refusals.refused(PLACE, NOW);
        assertThat(refusals.mayTry(PLACE)).isTrue();

        refusals.refused(
                new TopicPartition("chat.reply.yours", 0),
                NOW + Duration.ofHours(1).toNanos());

        assertThat(refusals.mayTry(PLACE)).isTrue();
    }
}
