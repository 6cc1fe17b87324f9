package io.penstock.stage;

import org.jspecify.annotations.Nullable;

/** What comes back from a call. */
sealed interface Signal<K, V, R> {
    Call<K, V, R> call();

    /** The call has ended: with a result, or else with a failure. */
    record Completion<K, V, R>(
            Call<K, V, R> call,
            Outcome.@Nullable Succeeded<R> result,
            @Nullable Throwable failure) implements Signal<K, V, R> {}

    /** The call goes on, and has said something. */
    record Event<K, V, R>(Call<K, V, R> call, Object event, long sequence) implements Signal<K, V, R> {}
}
