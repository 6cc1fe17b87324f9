package io.penstock.stage;

/**
 * Where the calls of stages run. Tests drive one by hand.
 *
 * <p><b>Threading.</b> {@link #start} is called by any StreamThread; it must not block.
 */
public interface CallExecutor extends AutoCloseable {

    /**
     * Starts a call that never throws. Each one runs once, on a thread of its own while it runs, so that it can be
     * interrupted.
     *
     * @param threadName says the stage and the task
     */
    RunningCall start(String threadName, Runnable call);

    /** Interrupts what is running. */
    @Override
    void close();

    /** A call that was started. */
    @FunctionalInterface
    interface RunningCall {
        /** Asks the call to end; without effect when it has ended. */
        void interrupt();
    }

    /** One virtual thread for each call. */
    static CallExecutor virtualThreads() {
        return new VirtualThreadExecutor();
    }
}
