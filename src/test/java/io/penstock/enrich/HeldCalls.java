package io.penstock.enrich;

import io.penstock.stage.CallExecutor;
import java.util.ArrayDeque;
import java.util.Queue;

/** Runs calls on the test's own thread, at once or when the test says so. */
final class HeldCalls implements CallExecutor {
    private final Queue<Runnable> held = new ArrayDeque<>();
    boolean hold;

    @Override
    public RunningCall start(String threadName, Runnable call) {
        if (hold) {
            held.add(call);
        } else {
            call.run();
        }
        return () -> {};
    }

    int waiting() {
        return held.size();
    }

    void release() {
        while (!held.isEmpty()) {
            held.remove().run();
        }
    }

    @Override
    public void close() {
        held.clear();
    }
}
