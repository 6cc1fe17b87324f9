package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.concurrent.Semaphore;

/** Calls of one kind that keep a thread while they wait. Others need some too, so more than a number of them are refused. */
final class BoundedCalls {
    private final Semaphore room;
    private final String refusal;

    /** @param refusal what is said to a call that is one too many */
    BoundedCalls(int most, String refusal) {
        this.room = new Semaphore(most);
        this.refusal = refusal;
    }

    /** What a call does. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws InterruptedException;
    }

    /** @throws PenstockException {@code busy} when there are too many */
    <T> T run(Work<T> work) throws InterruptedException {
        if (!room.tryAcquire()) {
            throw new PenstockException(ErrorCode.BUSY, refusal);
        }
        try {
            return work.run();
        } finally {
            room.release();
        }
    }
}
