package io.penstock.cli;

import java.time.Duration;

/** The passing of time, as commands see it. */
interface Time {
    Time SYSTEM = new Time() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            Thread.sleep(duration);
        }
    };

    /** Nanoseconds since some moment. */
    long nanos();

    void sleep(Duration duration) throws InterruptedException;
}
