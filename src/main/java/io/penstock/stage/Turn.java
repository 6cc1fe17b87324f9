package io.penstock.stage;

import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The turn of one call among those that its task may make at once. Some calls are handed to their threads before it is their turn, so
 * that the next begins when one ends, even while the StreamThread commits.
 *
 * <p><b>Threading.</b> May be used from any thread.
 */
final class Turn {
    private final Semaphore inFlight;
    private final AtomicReference<State> state;

    private enum State {
        WAITING,
        TAKEN,
        OVER
    }

    private Turn(Semaphore inFlight, State state) {
        this.inFlight = inFlight;
        this.state = new AtomicReference<>(state);
    }

    /** One that is taken already, if there is room, or else one that must be waited for. */
    static Turn next(Semaphore inFlight) {
        return new Turn(inFlight, inFlight.tryAcquire() ? State.TAKEN : State.WAITING);
    }

    boolean isTaken() {
        return state.get() == State.TAKEN;
    }

    /**
     * Waits for the turn, unless it is taken.
     *
     * @throws CancellationException when it was given up meanwhile
     */
    void await() throws InterruptedException {
        if (state.get() == State.WAITING) {
            inFlight.acquire();
            if (!state.compareAndSet(State.WAITING, State.TAKEN)) {
                inFlight.release();
            }
        }
        if (state.get() == State.OVER) {
            throw new CancellationException("given up before it began");
        }
    }

    /** It is over, or nobody waits for it any more. To be called at the end, and perhaps earlier. */
    void end() {
        if (state.getAndSet(State.OVER) == State.TAKEN) {
            inFlight.release();
        }
    }
}
