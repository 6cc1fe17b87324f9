package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.jspecify.annotations.Nullable;

/** Checks the numbers in queries. */
final class Pages {
    static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;

    private Pages() {}

    /** @throws PenstockException {@code parameter.invalid} */
    static int limit(@Nullable String limit) {
        return limit == null ? DEFAULT_LIMIT : number("limit", limit, 1, MAX_LIMIT);
    }

    /** @throws PenstockException {@code parameter.invalid} */
    static int number(String name, String text, int least, int most) {
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw new PenstockException(
                    ErrorCode.PARAMETER_INVALID, name + " is a whole number from " + least + " to " + most + ".");
        }
        return Integer.parseInt(text);
    }
}
