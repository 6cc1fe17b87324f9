package io.penstock.table;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** Tells whoever waits that a table has changed. May be used from any thread. */
public final class ChangeSignal {
    private static final Duration LONGEST_WAIT = Duration.ofMillis(10);

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Object monitor = new Object();
    private long offset = -1;

    /** @param listener called after each change on the global thread; must return at once */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** The table holds what the record at this offset says, and whatever came before it. */
    public void changed(long newOffset) {
        reached(newOffset);
        for (Runnable listener : listeners) {
            listener.run();
        }
    }

    /** The table is read to this offset, where nothing changed. */
    void reached(long newOffset) {
        synchronized (monitor) {
            offset = newOffset;
            monitor.notifyAll();
        }
    }

    /** Whether the table holds what the record at this offset says. What was restored at a start is not counted. */
    boolean hasReached(long wanted) {
        synchronized (monitor) {
            return offset >= wanted;
        }
    }

    /** Waits until the condition holds, looking at it after each change; false when the time is over. */
    public boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            synchronized (monitor) {
                // A change between the look and the wait is missed; hence a short wait, then another look.
                monitor.wait(Math.max(1, Math.min(left, LONGEST_WAIT.toNanos()) / 1_000_000));
            }
        }
        return true;
    }
}
