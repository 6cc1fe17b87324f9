package io.penstock.stage;

import java.util.ArrayList;
import java.util.List;

/** Keeps calls until a test runs them. */
final class HandExecutor implements CallExecutor {
    final List<Started> started = new ArrayList<>();
    boolean closed;

    static final class Started {
        final String threadName;
        private final Runnable body;
        boolean interrupted;
        boolean ended;

        Started(String threadName, Runnable body) {
            this.threadName = threadName;
            this.body = body;
        }

        void run() {
            ended = true;
            body.run();
        }
    }

    @Override
    public RunningCall start(String threadName, Runnable call) {
        Started one = new Started(threadName, call);
        started.add(one);
        return () -> one.interrupted = true;
    }

    @Override
    public void close() {
        closed = true;
    }
}
