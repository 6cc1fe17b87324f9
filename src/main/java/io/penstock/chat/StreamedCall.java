package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatError;
import io.penstock.schema.ChatReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One reply that is streamed to one listener, from its request or from where a stream broke.
 *
 * <pre>
 *              sent, or found         client gone        grace over,
 *  BEGINNING ----------------> OPEN -------------> GONE -----------> cancelled: ENDED
 *                                |                   |  session not known yet
 *                                | last record       | last record,      `------> UNWANTED -> cancelled: ENDED
 *                                v                   v taken over
 *                              ENDED               ENDED
 * </pre>
 *
 * <p>Threading: may be called from any thread. The listener is called under this object's lock.
 */
final class StreamedCall implements Awaited, StreamedReply {
    /** What a stream needs of the bridge. */
    interface Host {
        Future<?> after(Duration delay, Runnable task);

        /** Cancels the call of a request whose reply goes to the partition. */
        void cancelCall(String requestId, String sessionId, int partition);

        /** There was no reply in time. */
        void timedOut();
    }

    private enum State {
        BEGINNING,
        OPEN,
        GONE,
        UNWANTED,
        ENDED
    }

    private final EventId start;
    private final boolean remembered;
    private final Duration patience;
    private final Duration grace;
    private final StreamListener listener;
    private final Host host;
    private final Runnable ended;
    private final ReplyFollower follower = new ReplyFollower();
    private String session;
    private State state = State.BEGINNING;
    private boolean takenOver;
    private long ownNote = -1;
    private @Nullable Future<?> deadline;
    private @Nullable Future<?> graceEnd;

    /**
     * @param start where the stream begins, or goes on
     * @param session of the request; empty when it is not known yet
     * @param remembered whether a late reply can be read in the conversation
     * @param patience until the reply must be whole, from {@link #await()} on
     * @param ended called once, when nothing more is to be read
     */
    StreamedCall(
            EventId start,
            String session,
            boolean remembered,
            Duration patience,
            Duration grace,
            StreamListener listener,
            Host host,
            Runnable ended) {
        this.start = start;
        this.session = session;
        this.remembered = remembered;
        this.patience = patience;
        this.grace = grace;
        this.listener = listener;
        this.host = host;
        this.ended = ended;
    }

    /** The time begins in which the reply must come. */
    synchronized void await() {
        if (state != State.ENDED) {
            deadline = host.after(patience, this::expire);
        }
    }

    /** The request is in Kafka, or the stream was found. A reply that is read says so as well. */
    synchronized void begin() {
        if (state == State.BEGINNING) {
            state = State.OPEN;
            listener.onStart(start);
        }
    }

    /** Goes on behind the record that the stream begins at. */
    synchronized void takeUp(ChatReply record) {
        session = record.getSessionId();
        List<ReplyFollower.Told> told = follower.takeUp(record);
        if (follower.hasEnded()) {
            begin();
            pass(told, record, start.offset());
        }
    }

    /** This stream's own note that it was taken up, which is not another's. */
    synchronized void wroteNote(long offset) {
        ownNote = offset;
    }

    synchronized String session() {
        return session;
    }

    @Override
    public synchronized void read(ChatReply reply, long offset) {
        if (state == State.ENDED) {
            return;
        }
        if (reply.getTakenOver()) {
            if (offset > ownNote) {
                takenOver = true; // whoever did it cancels the call if need be
                if (state == State.GONE || state == State.UNWANTED) {
                    end();
                }
            }
            return;
        }
        if (session.isEmpty()) {
            session = reply.getSessionId();
        }
        begin();
        pass(follower.read(reply), reply, offset);
        if (state == State.UNWANTED) {
            abandon();
        }
    }

    private void pass(List<ReplyFollower.Told> told, ChatReply reply, long offset) {
        EventId id = new EventId(start.partition(), offset, Math.max(1, reply.getAttempt()), start.requestId());
        for (ReplyFollower.Told each : told) {
            if (state == State.OPEN) { // the listener itself may have ended it
                tell(each, id);
            }
        }
        if (follower.hasEnded()) {
            end();
        }
    }

    private void tell(ReplyFollower.Told told, EventId id) {
        switch (told) {
            case ReplyFollower.Told.Citations(var citations) -> listener.onCitations(citations);
            case ReplyFollower.Told.Text(String text) -> listener.onText(text, id);
            case ReplyFollower.Told.Reset(int attempt) -> listener.onReset(attempt);
            case ReplyFollower.Told.Done(ChatReply reply) -> listener.onDone(reply, id);
            case ReplyFollower.Told.Failed(ChatError error) -> listener.onError(exception(error));
        }
    }

    private static PenstockException exception(ChatError error) {
        return new PenstockException(ErrorCode.of(error.getCode()).orElse(ErrorCode.INTERNAL), error.getDetail());
    }

    @Override
    public synchronized void fail(PenstockException why) {
        if (state == State.BEGINNING || state == State.OPEN) {
            listener.onError(why);
        }
        end();
    }

    /** A listener that cannot resume asks again: its call is cancelled, so that the question is not answered twice. */
    @Override
    public synchronized void stop() {
        boolean hasId = state != State.BEGINNING || !start.isStart();
        boolean mayBeResumed = takenOver || (hasId && listener.canResume());
        if (state != State.ENDED && !session.isEmpty() && !mayBeResumed) {
            host.cancelCall(start.requestId(), session, start.partition());
        }
        fail(StreamBrokenException.stopping());
    }

    @Override
    public synchronized void clientGone() {
        if (state == State.BEGINNING || state == State.OPEN) {
            state = State.GONE;
            if (takenOver) {
                end();
            } else {
                graceEnd = host.after(grace, this::endGrace);
            }
        }
    }

    private synchronized void endGrace() {
        if (state == State.GONE) {
            abandon();
        }
    }

    @Override
    public synchronized void cancel() {
        abandon();
    }

    /** Ends the call, unless others have it now or it has ended. It is cancelled in its session's lane, which must be known. */
    private void abandon() {
        if (state == State.ENDED) {
            return;
        }
        if (takenOver) {
            end();
        } else if (session.isEmpty()) {
            state = State.UNWANTED;
        } else {
            host.cancelCall(start.requestId(), session, start.partition());
            end();
        }
    }

    private synchronized void expire() {
        switch (state) {
            case BEGINNING, OPEN -> {
                host.timedOut();
                listener.onError(ChatTimeoutException.after(patience, start.requestId(), session, remembered));
                if (remembered) {
                    end();
                } else {
                    state = State.UNWANTED;
                    abandon(); // nobody could read it later
                }
            }
            case UNWANTED -> end();
            case GONE, ENDED -> {
                // the grace period ends it, or it has ended
            }
        }
    }

    private void end() {
        if (state != State.ENDED) {
            state = State.ENDED;
            cancel(deadline);
            cancel(graceEnd);
            ended.run();
        }
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
