package io.penstock.document;

import io.penstock.document.Exchange.Fault;
import io.penstock.document.Exchange.Order;
import io.penstock.document.Exchange.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The program that reads documents, one after the other, for the process that started it: orders come on standard input, replies
 * go to standard output. It ends when its input does, when it is out of memory, when a document takes too long, and when whoever
 * started it is gone, so that a document that hangs a parser outlives nobody.
 *
 * <p><b>Threading.</b> The main thread reads; another one only watches.
 */
final class ReaderProcess {
    /** After the starter should have killed it. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final long WATCH_MS = 500;
    static final int EXIT_LATE = 4;
    static final int EXIT_ORPHANED = 5;

    private volatile @Nullable Long deadline;

    private ReaderProcess() {}

    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
        // Whatever a library prints must not come between the replies.
        System.setOut(System.err);
        new ReaderProcess().run(in, out);
    }

    private void run(DataInputStream in, DataOutputStream out) throws IOException {
        Thread.ofPlatform().daemon().name("watch").start(this::watch);
        TikaReader reader = new TikaReader();
        out.writeInt(Exchange.READY);
        out.flush();
        while (true) {
            Order order;
            try {
                order = Exchange.readOrder(in);
            } catch (EOFException e) {
                return; // no more is wanted
            }
            deadline = System.nanoTime()
                    + Duration.ofSeconds(order.limits().seconds()).plus(GRACE).toNanos();
            Exchange.write(out, read(reader, order));
            deadline = null;
        }
    }

    private static Reply read(TikaReader reader, Order order) {
        try {
            return reader.read(order);
        } catch (StackOverflowError e) {
            return new Reply.Refused(Fault.BOMB, "Its parts are nested too deeply.");
        }
    }

    private void watch() {
        ProcessHandle starter = ProcessHandle.current().parent().orElse(null);
        while (true) {
            try {
                Thread.sleep(WATCH_MS);
            } catch (InterruptedException e) {
                return;
            }
            Long until = deadline;
            if (until != null && System.nanoTime() - until > 0) {
                Runtime.getRuntime().halt(EXIT_LATE);
            }
            if (starter == null || !starter.isAlive()) {
                Runtime.getRuntime().halt(EXIT_ORPHANED);
            }
        }
    }
}
