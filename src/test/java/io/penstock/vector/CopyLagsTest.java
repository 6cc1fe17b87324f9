package io.penstock.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CopyLagsTest {
    @Test
    void shouldTakeACopyThatLacksNextToNothing() {
        assertThat(CopyLags.isNear(0, 0)).isTrue();
        assertThat(CopyLags.isNear(16, 20)).isTrue();
        assertThat(CopyLags.isNear(116, 10_000)).isTrue();
        assertThat(CopyLags.isNear(1_000, 10_000_000)).isTrue();
    }

    @Test
    void shouldTakeNoneThatIsStillBeingBuiltHoweverLongTheTopicIs() {
        assertThat(CopyLags.isNear(17, 20)).isFalse();
        assertThat(CopyLags.isNear(117, 10_000)).isFalse();
        assertThat(CopyLags.isNear(1_001, 10_000_000)).isFalse();
    }
}
