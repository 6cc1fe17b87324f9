package io.penstock.chat;

import io.penstock.answer.ReplyListener;
import io.penstock.schema.Citation;
import io.penstock.stage.CallEvents;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passes a reply on in parts while it is made. What a pause of the model would hold back is passed on by the timer.
 *
 * <p><b>Threading.</b> Told by the thread of the call; the timer comes on others.
 */
final class ReplyParts implements ReplyListener {
    private final String execution;
    private final CallEvents events;
    private final PartTimer timer;
    private final ReentrantLock lock = new ReentrantLock();
    private final PartBatch batch = new PartBatch();
    private int passedOn;
    private boolean awaitsTimer;
    private boolean ended;

    /**
     * A part, as the call says it.
     *
     * @param execution tells the makings of one reply apart
     * @param citations in the first part only
     */
    record Part(
            String execution,
            int textStart,
            @Nullable String text,
            @Nullable List<Citation> citations) {}

    ReplyParts(String execution, CallEvents events, PartTimer timer) {
        this.execution = execution;
        this.events = events;
        this.timer = timer;
    }

    @Override
    public void onCitations(List<Citation> citations) {
        locked(() -> passOn(new Part(execution, 0, null, citations)));
    }

    @Override
    public void onText(String piece) {
        locked(() -> {
            batch.add(piece);
            passOnWhatIsDue();
        });
    }

    /** Nothing is passed on any more; what is left of the text comes with the whole reply. Returns how many parts there were. */
    int end() {
        lock.lock();
        try {
            ended = true;
            return passedOn;
        } finally {
            lock.unlock();
        }
    }

    private void passOnWhatIsDue() throws InterruptedException {
        long now = timer.nanoTime();
        if (batch.isDue(now)) {
            PartBatch.Piece piece = batch.take(now);
            passOn(new Part(execution, piece.start(), piece.text(), null));
        }
        long wait = batch.waitNanos(now);
        if (wait >= 0 && !awaitsTimer) {
            awaitsTimer = true;
            timer.after(wait, this::timeIsOver);
        }
    }

    private void timeIsOver() {
        locked(() -> {
            awaitsTimer = false;
            if (!ended) {
                passOnWhatIsDue();
            }
        });
    }

    private void passOn(Part part) throws InterruptedException {
        events.emit(part);
        passedOn++;
    }

    private interface Action {
        void run() throws InterruptedException;
    }

    private void locked(Action action) {
        try {
            lock.lockInterruptibly();
            try {
                action.run();
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (CancellationException) new CancellationException("the call was cancelled").initCause(e);
        }
    }
}
