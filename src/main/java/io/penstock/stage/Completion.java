package io.penstock.stage;

import org.jspecify.annotations.Nullable;

/** How a call ended: with a result, or else with a failure. */
record Completion<K, V, R>(
        Call<K, V, R> call,
        Outcome.@Nullable Succeeded<R> result,
        @Nullable Throwable failure) {}
