package io.penstock.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ChangeSignalTest {
    private final ChangeSignal signal = new ChangeSignal();

    @Test
    void shouldNotWaitForWhatHoldsAlready() throws InterruptedException {
        assertThat(signal.await(() -> true, Duration.ZERO)).isTrue();
    }

    @Test
    void shouldGiveUpWhenTheTimeIsOver() throws InterruptedException {
        long before = System.nanoTime();

        assertThat(signal.await(() -> false, Duration.ofMillis(50))).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
    }

    @Test
    void shouldSeeAChangeEvenWhenItsSignalCameTooEarly() throws Exception {
        AtomicBoolean changed = new AtomicBoolean();
        AtomicInteger looks = new AtomicInteger();
        CompletableFuture<Boolean> waiter = CompletableFuture.supplyAsync(() -> {
            try {
                return signal.await(
                        () -> {
                            looks.incrementAndGet();
                            return changed.get();
                        },
                        Duration.ofSeconds(15));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        signal.changed(1);
        changed.set(true);

        assertThat(waiter.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(looks).hasPositiveValue();
    }

    @Test
    void shouldCallEveryListener() {
        AtomicInteger calls = new AtomicInteger();
        signal.onChange(calls::incrementAndGet);
        signal.onChange(calls::incrementAndGet);

        signal.changed(1);

        assertThat(calls).hasValue(2);
    }
}
