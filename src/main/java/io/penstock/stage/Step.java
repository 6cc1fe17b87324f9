package io.penstock.stage;

/** What is to happen with a record after its preparation. */
public sealed interface Step<R> {
    /** Make the call on another thread. */
    record Call<R>(AsyncCall<R> call) implements Step<R> {}

    /** No call is needed: this is the result. */
    record Result<R>(R value) implements Step<R> {}

    /** Forget the record; nothing is forwarded. */
    record Drop<R>() implements Step<R> {}

    /** The record has failed for good; the failure is forwarded. */
    record Fail<R>(CallException failure) implements Step<R> {}
}
