package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Variables of the environment that hold numbers. */
record Variables(Function<String, @Nullable String> values) {
    /**
     * The number that a variable holds, or the usual one when it is not set.
     *
     * @throws PenstockException {@code config.invalid} naming the variable
     */
    int number(String name, int most, int usual) {
        String text = values.apply(name);
        if (text == null || text.isBlank()) {
            return usual;
        }
        String number = text.strip();
        if (!number.matches("[0-9]{1,9}") || Integer.parseInt(number) < 1 || Integer.parseInt(number) > most) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    name + " is a whole number from 1 to " + most + ", not '" + number + "'.");
        }
        return Integer.parseInt(number);
    }
}
