package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.streams.state.StoreBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the payload of what is pending lies. */
class PendingPayloadTest {
    /** Sees each value that the stage holds, as the stage's own object, without holding it. */
    private static final class WatchingFunction extends ScriptedFunction {
        final Map<String, WeakReference<String>> seen = new HashMap<>();

        boolean isHeld(String value) {
            return !Objects.requireNonNull(seen.get(value)).refersTo(null);
        }

        @Override
        @SuppressWarnings("StringOperationCanBeSimplified") // the key must not be the object that is watched
        public Provider provider(String key, String value) {
            seen.put(new String(value.toCharArray()), new WeakReference<>(value));
            return super.provider(key, value);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepOnlyWhatExecutesAsAnObject(boolean onDisk) {
        StageOptions inMemory = StageHarness.options(StageOrder.PER_KEY, 1, 10);
        WatchingFunction function = new WatchingFunction();
        try (StageHarness stage = new StageHarness(onDisk ? inMemory.withPendingOnDisk() : inMemory, function, null)) {
            stage.send("k", "executing");
            stage.send("k", "behind it");
            stage.send("j", "without room");
            stage.send("i", "the last one"); // the driver itself holds on to what came last

            await().pollInterval(Duration.ofMillis(10)).untilAsserted(() -> {
                System.gc();
                assertThat(function.isHeld("behind it")).isFalse();
                assertThat(function.isHeld("without room")).isFalse();
            });
            assertThat(function.isHeld("executing")).isTrue();
            for (String value : new String[] {"executing", "behind it", "without room", "the last one"}) {
                stage.succeed(value);
            }
            assertThat(stage.results).hasSize(4);
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldTakeUpWhatIsPendingOnDisk() {
        StageOptions options = StageHarness.options(StageOrder.PER_KEY, 1, 10).withPendingOnDisk();
        try (StageHarness stage = new StageHarness(options)) {
            stage.send("k", "a");
            stage.send("k", "b");
            stage.fail("a", new IllegalStateException("boom"));
            stage.restartNewInstance();
            stage.advance(Duration.ofMillis(100));
            assertThat(stage.called()).containsExactly("a#1", "a#2");
            stage.succeed("a");
            stage.succeed("b");
            assertThat(stage.resultValues()).containsExactly("done a", "done b");
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldKeepAStoreOnDiskWithItsChangelogWhenAskedTo() {
        StoreBuilder<?> onDisk = PendingTable.builder("pending", true);

        assertThat(onDisk.build().persistent()).isTrue();
        assertThat(onDisk.loggingEnabled()).isTrue();
        assertThat(PendingTable.builder("pending", false).build().persistent()).isFalse();
    }
}
