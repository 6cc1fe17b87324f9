package io.penstock.chat;

import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;

/** Whoever waits for the records of one reply. */
interface Awaited {
    /** The next record. Called by the thread that reads the partition. */
    void read(ChatReply reply, long offset);

    /** There is nothing to wait for any more. May be called from any thread. */
    void fail(PenstockException why);

    /** Nobody reads here any more, but the reply is made all the same unless it is cancelled. May be called from any thread. */
    void stop();
}
