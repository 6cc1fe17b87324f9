package io.penstock.document;

import io.penstock.document.Exchange.Fault;
import io.penstock.document.Exchange.Limits;
import io.penstock.document.Exchange.Order;
import io.penstock.document.Exchange.Reply;
import io.penstock.document.ReaderHandle.GoneException;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads documents in processes of their own, which are killed when a document takes too long and may not take more than their
 * memory: whatever a document does to its parser, it does not do it to Penstock. A process is started for the first document, kept
 * for the next, and ended when none has come for a while.
 *
 * <p><b>Threading.</b> May be used from any thread; more callers than there are processes wait for their turn.
 */
public final class Documents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Documents.class);

    private final DocumentSettings settings;
    private final Semaphore turns;
    private final Deque<Idle> idle = new ArrayDeque<>();
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("penstock-documents-idle").factory());
    private boolean closed;

    private record Idle(ReaderHandle reader, long since) {}

    public Documents(DocumentSettings settings) {
        this.settings = settings;
        this.turns = new Semaphore(settings.processes(), true);
        long period = Math.max(100, settings.idle().toMillis() / 2);
        var _ = sweeper.scheduleWithFixedDelay(this::endIdle, period, period, TimeUnit.MILLISECONDS);
    }

    /**
     * The text of a document and what it says about itself.
     *
     * @param type declared media type, without parameters; empty when there is none
     * @param name name of the file, whose extension may help; empty when there is none
     * @throws PenstockException {@code content.unsupported}, {@code content.encrypted}, {@code content.broken}, {@code content.bomb},
     *     {@code content.timeout} or {@code record.too-large}, which another attempt would meet again, or
     *     {@code content.reader-lost}, which it would not, or {@code busy} when its turn has not come in time
     */
    public DocumentText read(byte[] content, String type, String name) throws InterruptedException {
        Limits limits = new Limits(settings.maxCharacters(), settings.maxEmbedded(), settings.maxDepth(), (int)
                Math.max(1, settings.readTimeout().toSeconds()));
        if (!turns.tryAcquire(settings.turnTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
            throw new PenstockException(
                    ErrorCode.BUSY, "Other documents are being read, and this one has to wait; try again.");
        }
        try {
            return switch (reply(new Order(content, type, name, limits))) {
                case Reply.Read(DocumentText text) -> text;
                case Reply.Refused(Fault fault, String reason) -> throw new PenstockException(code(fault), reason);
            };
        } finally {
            turns.release();
        }
    }

    private Reply reply(Order order) throws InterruptedException {
        ReaderHandle reader = take();
        boolean usable = false;
        try {
            Reply reply = reader.read(order, settings.readTimeout());
            usable = true;
            return reply;
        } catch (TimeoutException e) {
            throw new PenstockException(
                    ErrorCode.CONTENT_TIMEOUT,
                    "Reading it took more than " + settings.readTimeout().toSeconds()
                            + " s. Capture smaller parts of it, or a copy in another form.",
                    e);
        } catch (GoneException e) {
            if (e.outOfMemory()) {
                throw new PenstockException(
                        ErrorCode.CONTENT_BOMB,
                        "Reading it needs more than " + settings.heapMiB()
                                + " MiB of memory. Capture smaller parts of it, or a copy in another form.",
                        e);
            }
            throw lost(e);
        } catch (IOException e) {
            throw lost(e);
        } finally {
            if (usable) {
                giveBack(reader);
            } else {
                reader.close();
            }
        }
    }

    private static PenstockException lost(Exception cause) {
        return new PenstockException(
                ErrorCode.CONTENT_READER_LOST,
                "The process that reads documents was lost (" + cause.getMessage() + "). It is tried again.",
                cause);
    }

    private ReaderHandle take() throws InterruptedException {
        synchronized (idle) {
            if (closed) {
                throw new PenstockException(ErrorCode.CONTENT_READER_LOST, "Penstock is stopping.");
            }
            while (!idle.isEmpty()) {
                ReaderHandle reader = idle.pop().reader();
                if (reader.isAlive()) {
                    return reader;
                }
                reader.close();
            }
        }
        try {
            return ReaderHandle.start(settings);
        } catch (IOException | TimeoutException e) {
            throw new PenstockException(
                    ErrorCode.CONTENT_READER_LOST,
                    "No process to read documents could be started (" + e + "). It is tried again; is there memory for "
                            + settings.heapMiB() + " MiB more?",
                    e);
        }
    }

    private void giveBack(ReaderHandle reader) {
        synchronized (idle) {
            if (!closed && !reader.isWornOut()) {
                idle.push(new Idle(reader, System.nanoTime()));
                return;
            }
        }
        reader.close();
    }

    private void endIdle() {
        long now = System.nanoTime();
        synchronized (idle) {
            idle.removeIf(waiting -> {
                boolean over = now - waiting.since() > settings.idle().toNanos();
                if (over) {
                    LOG.debug("A process that reads documents is ended: it has nothing to do");
                    waiting.reader().close();
                }
                return over;
            });
        }
    }

    /** How many processes wait for documents. */
    int waiting() {
        synchronized (idle) {
            return idle.size();
        }
    }

    private static ErrorCode code(Fault fault) {
        return switch (fault) {
            case UNSUPPORTED -> ErrorCode.CONTENT_UNSUPPORTED;
            case ENCRYPTED -> ErrorCode.CONTENT_ENCRYPTED;
            case BROKEN -> ErrorCode.CONTENT_BROKEN;
            case BOMB -> ErrorCode.CONTENT_BOMB;
            case TOO_LONG -> ErrorCode.RECORD_TOO_LARGE;
        };
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
        synchronized (idle) {
            closed = true;
            idle.forEach(waiting -> waiting.reader().close());
            idle.clear();
        }
    }
}
