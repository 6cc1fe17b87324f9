package io.penstock.stage;

import java.util.Set;

/**
 * The life of a pending record. In every state but GONE it is in the pending store.
 *
 * <pre>
 *  1. WAITING ------> behind others of its lane (PER_KEY), or outside the window (GLOBAL)
 *       |      \
 *  2. READY <---\---- its turn; waits for room in the task and at its provider, then is prepared
 *       |  \  \  \
 *       |   \  3. BACKING_OFF   a preparation or call failed, another attempt is due later (also: found so at a restart)
 *       |    \       ^     \
 *       |     4. EXECUTING  +--> back to READY when due
 *       |      /       the call runs on its own thread
 *  5. SETTLED          its outcome is known; under GLOBAL it waits until all before it are forwarded
 *       |
 *  6. GONE             deleted from the store and the outcome forwarded, in one transaction. A fence leads here from any state
 * </pre>
 *
 * <p>After a crash or a rebalance every record in the store starts again at 1, oldest first: what was EXECUTING or SETTLED is
 * called once more, and its outcome is still forwarded once.
 */
enum EntryState {
    WAITING,
    READY,
    BACKING_OFF,
    EXECUTING,
    SETTLED,
    GONE;

    boolean mayBecome(EntryState next) {
        return successors().contains(next);
    }

    private Set<EntryState> successors() {
        return switch (this) {
            case WAITING -> Set.of(READY, BACKING_OFF, GONE);
            case READY -> Set.of(EXECUTING, BACKING_OFF, SETTLED, GONE);
            case BACKING_OFF -> Set.of(READY, GONE);
            case EXECUTING -> Set.of(BACKING_OFF, SETTLED, GONE);
            case SETTLED -> Set.of(GONE);
            case GONE -> Set.of();
        };
    }
}
