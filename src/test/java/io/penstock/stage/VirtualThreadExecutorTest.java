package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many StreamThreads that start calls at once. */
@Timeout(60)
class VirtualThreadExecutorTest {
    private static final int STREAM_THREADS = 4;
    private static final int CALLS = 250;

    private final CallExecutor executor = CallExecutor.virtualThreads();
    private final AtomicInteger interrupted = new AtomicInteger();
    private final Phaser ended = new Phaser(1);

    @Test
    void shouldInterruptEveryCallThatWasStartedWhenItIsClosed() throws Exception {
        startMany();
        executor.close();
        assertAllInterrupted();
    }

    @Test
    void shouldInterruptACallEvenIfItHasHardlyStarted() throws Exception {
        fromManyThreads(() -> start().interrupt());
        assertAllInterrupted();
        executor.close();
    }

    private void startMany() throws InterruptedException {
        fromManyThreads(this::start);
    }

    private CallExecutor.RunningCall start() {
        ended.register();
        return executor.start("stuck", () -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
            } finally {
                ended.arriveAndDeregister();
            }
        });
    }

    private static void fromManyThreads(Runnable work) throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        try (ExecutorService streamThreads = Executors.newFixedThreadPool(STREAM_THREADS)) {
            for (int i = 0; i < STREAM_THREADS; i++) {
                streamThreads.execute(() -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    for (int call = 0; call < CALLS; call++) {
                        work.run();
                    }
                });
            }
            go.countDown();
        }
    }

    private void assertAllInterrupted() throws Exception {
        ended.awaitAdvanceInterruptibly(ended.arrive(), 30, TimeUnit.SECONDS);
        assertThat(interrupted).hasValue(STREAM_THREADS * CALLS);
    }
}
