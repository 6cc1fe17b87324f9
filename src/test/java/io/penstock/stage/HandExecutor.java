package io.penstock.stage;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Keeps calls until a test runs them. */
final class HandExecutor implements CallExecutor {
    final List<Started> started = new ArrayList<>();
    /** Calls that end before {@link #start} returns, by their index. */
    IntPredicate quick = _ -> false;

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
        if (quick.test(started.size() - 1)) {
            one.run();
        }
        return () -> one.interrupted = true;
    }

    @Override
    public void close() {
        closed = true;
    }
}
