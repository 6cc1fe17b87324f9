package io.penstock.stage;

/** How a pending record ended. */
sealed interface Outcome<R> {
    record Succeeded<R>(R value) implements Outcome<R> {}

    record Dropped<R>() implements Outcome<R> {}

    record Failed<R>(String code, String message, int attempts) implements Outcome<R> {
        private static final int MAX_MESSAGE_LENGTH = 1000;

        static <R> Failed<R> of(Throwable failure, int attempts) {
            String code = failure instanceof CallException call ? call.code() : "stage.failed";
            String message =
                    failure instanceof CallException ? String.valueOf(failure.getMessage()) : failure.toString();
            return new Failed<>(
                    code,
                    message.length() > MAX_MESSAGE_LENGTH ? message.substring(0, MAX_MESSAGE_LENGTH) : message,
                    attempts);
        }
    }
}
