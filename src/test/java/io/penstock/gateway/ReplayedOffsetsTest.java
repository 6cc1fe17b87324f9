package io.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.OffsetRange;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayedOffsetsTest {
    @Test
    void shouldHoldWhatWasAddedAndNothingElseInAsFewRangesAsPossible() {
        Random random = new Random(7);
        ReplayedOffsets offsets = ReplayedOffsets.NONE;
        Set<Long> model = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            long from = random.nextInt(500);
            long to = from + random.nextInt(4);
            offsets = offsets.with(from, to);
            for (long offset = from; offset <= to; offset++) {
                model.add(offset);
            }
            ReplayedOffsets read = ReplayedOffsets.of(offsets.letters());
            for (long offset = 0; offset < 510; offset++) {
                assertThat(read.contains(offset)).isEqualTo(model.contains(offset));
            }
            long before = -2;
            for (OffsetRange range : offsets.letters().getRanges()) {
                assertThat(range.getFrom()).isGreaterThan(before + 1);
                assertThat(range.getTo()).isGreaterThanOrEqualTo(range.getFrom());
                before = range.getTo();
            }
        }
    }

    @Test
    void shouldForgetWhatIsNotKeptAnyMore() {
        ReplayedOffsets kept = ReplayedOffsets.NONE.with(3, 5).with(9, 20).within(7, 30);

        assertThat(kept.contains(4)).isFalse();
        assertThat(kept.contains(9)).isTrue();
    }

    @Test
    void shouldForgetEverythingWhenTheTopicWasMadeAnew() {
        assertThat(ReplayedOffsets.NONE.with(3, 5).within(0, 4)).isSameAs(ReplayedOffsets.NONE);
    }
}
