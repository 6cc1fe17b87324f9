package io.penstock.bench;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.DoubleAccumulator;

/** Looks each second at how much memory a process occupies, until it is closed. */
final class MemoryWatch implements AutoCloseable {
    private final DoubleAccumulator peak = new DoubleAccumulator(Math::max, 0);
    private final MeasuredProcess process;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread watch = new Thread(this::run, "memory-watch");

    MemoryWatch(MeasuredProcess process) {
        this.process = process;
        watch.setDaemon(true);
        watch.start();
    }

    private void run() {
        try {
            do {
                look();
            } while (!closed.await(1, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        try {
            peak.accumulate(process.residentMibNow());
        } catch (IOException _) {
            // it has ended, which whoever calls it will see
        }
    }

    /** The most since the last call of this, in MiB. */
    double takePeakMib() throws InterruptedException {
        look();
        return peak.getThenReset();
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
