package io.penstock.stage;

/**
 * Ends a poll early, and nothing but a poll: a consumer that is woken up outside of one would cut off whatever it does next, a
 * commit perhaps. Whoever comes between two polls makes the next one return at once.
 *
 * <p><b>Threading.</b> {@link #wake} is for any thread; all else is for the thread that polls.
 */
final class PollWaker {
    private final Runnable wakeUp;
    private boolean polling;
    /** The consumer was woken up, and has not yet told so by its exception. */
    private boolean woken;

    private boolean asked;

    /** @param wakeUp wakes the consumer up; may be called by any thread */
    PollWaker(Runnable wakeUp) {
        this.wakeUp = wakeUp;
    }

    synchronized void wake() {
        if (!polling) {
            asked = true;
        } else if (!woken) {
            woken = true;
            wakeUp.run();
        }
    }

    /** A poll begins, or goes on; whether it should return at once. */
    synchronized boolean begin() {
        polling = true;
        boolean atOnce = asked;
        asked = false;
        return atOnce;
    }

    /** The poll has ended, or does something else meanwhile. */
    synchronized void end() {
        polling = false;
    }

    /** Whether the consumer will still throw because it was woken up. */
    synchronized boolean isWoken() {
        return woken;
    }

    /** The consumer has thrown because it was woken up. */
    synchronized void thrown() {
        woken = false;
    }
}
