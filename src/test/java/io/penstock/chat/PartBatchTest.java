package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.chat.PartBatch.Piece;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartBatchTest {
    private final PartBatch batch = new PartBatch();
    private long now = Duration.ofHours(5).toNanos();

    @Test
    void shouldPassTheFirstWordsOnAtOnceAndTheNextAfterGrowingIntervals() {
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            batch.add("word ");
            long wait = batch.waitNanos(now);
            waits.add(Duration.ofNanos(wait).toMillis());
            assertThat(batch.isDue(now)).isEqualTo(i == 0);
            now += wait;
            assertThat(batch.isDue(now)).isTrue();
            assertThat(batch.take(now)).isEqualTo(new Piece(5 * i, "word "));
        }

        assertThat(waits.subList(1, 6)).containsExactly(50L, 100L, 200L, 250L, 250L);
    }

    @Test
    void shouldNotWaitAfterAPause() {
        batch.add("one ");
        batch.take(now);
        now += Duration.ofSeconds(3).toNanos();
        batch.add("two");

        assertThat(batch.isDue(now)).isTrue();
        assertThat(batch.waitNanos(now)).isZero();
    }

    @Test
    void shouldNotWaitWhenThereIsMuch() {
        batch.add("a");
        batch.take(now);
        batch.add("b".repeat(PartBatch.MUCH - 1));
        assertThat(batch.isDue(now)).isFalse();
        batch.add("c");

        assertThat(batch.isDue(now)).isTrue();
        assertThat(batch.take(now).text()).hasSize(PartBatch.MUCH);
    }

    @Test
    void shouldMakeAFewHundredPartsOfALongReply() {
        int parts = 0;
        for (int token = 0; token < 6_000; token++) { // a minute at a hundred in a second
            batch.add("token ");
            if (batch.isDue(now)) {
                batch.take(now);
                parts++;
            }
            now += Duration.ofMillis(10).toNanos();
        }

        assertThat(parts).isBetween(100, 300);
    }

    @Test
    void shouldNotTearApartWhatIsOneCharacter() {
        batch.add("\ud83c");
        assertThat(batch.isDue(now)).isFalse();
        assertThat(batch.waitNanos(now)).isNegative();
        batch.add("\udf39 and \ud83c");

        assertThat(batch.take(now)).isEqualTo(new Piece(0, "\ud83c\udf39 and "));
        batch.add("\udf3b");
        assertThat(batch.take(now)).isEqualTo(new Piece(7, "\ud83c\udf3b"));
    }

    @Test
    void shouldHaveNothingToWaitForWithoutText() {
        assertThat(batch.isDue(now)).isFalse();
        assertThat(batch.waitNanos(now)).isNegative();
        batch.add("");
        assertThat(batch.isDue(now)).isFalse();
    }
}
