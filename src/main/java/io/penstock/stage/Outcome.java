package io.penstock.stage;

/** How a pending record ended. */
sealed interface Outcome<R> {
    record Succeeded<R>(R value) implements Outcome<R> {}

    record Dropped<R>() implements Outcome<R> {}

    record Failed<R>(String code, String message, int attempts) implements Outcome<R> {}
}
