package io.penstock.stage;

import org.jspecify.annotations.Nullable;

/**
 * A pending record as its task handles it. Its payload stays in the store; a copy is held only while the record is at work,
 * so that a backlog costs little memory beyond the store's.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class StageEntry<K, V, R> {
    final int slot;
    final long seq;
    final long acceptedAt;
    final @Nullable Object lane;
    final boolean restored;
    /** {@link Intake#flushes()} when it was accepted; its input may have been committed since then if that has changed. */
    long acceptedUnder;

    ProviderLimiter limiter;
    int failedAttempts;
    /** How it has been put off again and again; null when it is not. */
    @Nullable
    Deferrals deferrals;
    /** Nanoseconds of the stage's clock. */
    long dueNanos;

    /** Why the provider is not known. */
    @Nullable
    RuntimeException providerFailure;

    @Nullable
    StoredRecord<K, V> loaded;

    @Nullable
    Call<K, V, R> call;

    @Nullable
    Outcome<R> outcome;

    boolean called;
    private EntryState state = EntryState.WAITING;

    StageEntry(int slot, StoredRecord<K, V> record, boolean restored, @Nullable Object lane, ProviderLimiter limiter) {
        this.slot = slot;
        this.seq = record.entry().seq();
        this.acceptedAt = record.entry().acceptedAt();
        this.failedAttempts = record.entry().failedAttempts();
        this.lane = lane;
        this.restored = restored;
        this.limiter = limiter;
    }

    EntryState state() {
        return state;
    }

    void become(EntryState next) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("A pending record cannot go from " + state + " to " + next + ".");
        }
        state = next;
    }
}
