package io.penstock.stage;

/**
 * A slow call. Runs on a virtual thread of its own and may block. It is cancelled by interrupting that thread, so it should use
 * interruptible operations. May be made more than once for one record (after a crash or a failure): calls are at least once,
 * results exactly once.
 */
@FunctionalInterface
public interface AsyncCall<R> {
    /** @param events for what the call has to say before it ends */
    R call(CallEvents events) throws Exception;
}
