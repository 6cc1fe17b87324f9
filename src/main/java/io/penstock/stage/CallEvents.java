package io.penstock.stage;

/**
 * What a call says while it runs: each event is forwarded to the stage's event child as a {@link CallEvent}, in the order of one
 * call, before its outcome.
 *
 * <p>Events are exactly as certain as the transaction they are forwarded in: those of an attempt that fails or is cut off may have
 * been seen already, and the next attempt says them again, under its own number.
 *
 * <p><b>Threading.</b> May be used from any thread. What is emitted after the call has ended goes nowhere.
 */
@FunctionalInterface
public interface CallEvents {
    /**
     * Waits while too many events are on their way.
     *
     * @throws IllegalStateException when the stage has no event child
     * @throws InterruptedException when the call was cancelled
     */
    void emit(Object event) throws InterruptedException;
}
