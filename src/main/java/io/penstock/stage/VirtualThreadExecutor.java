package io.penstock.stage;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Runs each call on a virtual thread of its own. May be used from any thread. */
final class VirtualThreadExecutor implements CallExecutor {
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    @Override
    public RunningCall start(String threadName, Runnable call) {
        Thread thread = Thread.ofVirtual().name(threadName).unstarted(() -> {
            try {
                call.run();
            } finally {
                running.remove(Thread.currentThread());
            }
        });
        running.add(thread);
        thread.start();
        if (closed) {
            thread.interrupt(); // close() may have passed before it was there
        }
        return thread::interrupt;
    }

    @Override
    public void close() {
        closed = true;
        running.forEach(Thread::interrupt);
    }
}
