package io.penstock.stage;

import java.util.ArrayDeque;
import java.util.function.IntConsumer;

/**
 * Slots whose outcome was sent and may not have arrived yet. Without transactions, the deletion of a record from the pending store and
 * its outcome go to different partitions, and a crash in between may keep the one and lose the other: so the deletion of a record
 * whose input was committed before waits until its outcome has arrived.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class SentSlots {
    private final Intake intake;
    private final IntConsumer delete;
    private final ArrayDeque<Sent> sent = new ArrayDeque<>();

    private record Sent(int slot, long flushes) {}

    SentSlots(Intake intake, IntConsumer delete) {
        this.intake = intake;
        this.delete = delete;
    }

    void add(int slot) {
        sent.add(new Sent(slot, intake.flushes()));
    }

    void deleteArrived() {
        while (!sent.isEmpty() && sent.getFirst().flushes() < intake.flushes()) {
            delete.accept(sent.removeFirst().slot());
        }
    }

    boolean isEmpty() {
        return sent.isEmpty();
    }
}
