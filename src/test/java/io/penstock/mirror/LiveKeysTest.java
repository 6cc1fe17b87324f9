package io.penstock.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LiveKeysTest {
    @Test
    void shouldHoldWhatASetOfTheSameKeysHolds() {
        Random random = new Random(7);
        LiveKeys live = new LiveKeys();
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 50_000; i++) {
            String key = "topic/segment/" + random.nextInt(8_000);
            if (random.nextInt(3) == 0) {
                live.remove(key);
                expected.remove(key);
            } else {
                live.add(key);
                expected.add(key);
            }
        }

        assertThat(live.size()).isEqualTo(expected.size());
        for (int i = 0; i < 8_000; i++) {
            String key = "topic/segment/" + i;
            assertThat(live.contains(key)).as(key).isEqualTo(expected.contains(key));
        }
        assertThat(live.contains("another")).isFalse();
    }

    @Test
    void shouldHoldNothingOfWhatCameAndWent() {
        LiveKeys live = new LiveKeys();
        for (int i = 0; i < 10_000; i++) {
            live.add("key " + i);
            live.remove("key " + i);
        }

        assertThat(live.size()).isZero();
        assertThat(live.contains("key 17")).isFalse();
    }
}
