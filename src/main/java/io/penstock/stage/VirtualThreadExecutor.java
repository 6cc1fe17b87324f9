package io.penstock.stage;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Runs each call on a virtual thread of its own. May be used from any thread. */
final class VirtualThreadExecutor implements CallExecutor {
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();

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
        return thread::interrupt;
    }

    @Override
    public void close() {
        running.forEach(Thread::interrupt);
    }
}
