package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Checks the numbers and moments in queries. */
final class Pages {
    static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;

    private Pages() {}

    /** @throws PenstockException {@code parameter.invalid} */
    static int limit(@Nullable String limit) {
        return limit == null ? DEFAULT_LIMIT : number("limit", limit, 1, MAX_LIMIT);
    }

    /**
     * Fills an answer with a page of something that is held whole.
     *
     * @param sorted by {@code key}
     */
    static <T> void fill(
            ObjectNode answer,
            String field,
            List<T> sorted,
            Function<T, String> key,
            Function<T, JsonNode> json,
            @Nullable String limit,
            @Nullable String after) {
        int wanted = limit(limit);
        List<T> rest = sorted.stream()
                .filter(item -> after == null || key.apply(item).compareTo(after) > 0)
                .toList();
        ArrayNode array = answer.putArray(field);
        rest.stream().limit(wanted).forEach(item -> array.add(json.apply(item)));
        answer.put("next", rest.size() > wanted ? key.apply(rest.get(wanted - 1)) : null);
    }

    /** @throws PenstockException {@code parameter.invalid} */
    static int number(String name, String text, int least, int most) {
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw new PenstockException(
                    ErrorCode.PARAMETER_INVALID, name + " is a whole number from " + least + " to " + most + ".");
        }
        return Integer.parseInt(text);
    }

    /**
     * As ISO 8601 has it, or milliseconds since 1970.
     *
     * @throws PenstockException {@code parameter.invalid}
     */
    static @Nullable Instant moment(String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            Instant moment = text.matches("[0-9]{1,15}")
                    ? Instant.ofEpochMilli(Long.parseLong(text))
                    // An unescaped plus sign in a query is a space.
                    : OffsetDateTime.parse(text.strip().replace(' ', '+')).toInstant();
            var _ = moment.toEpochMilli(); // it is compared with such
            return moment;
        } catch (DateTimeException | ArithmeticException e) {
            throw new PenstockException(
                    ErrorCode.PARAMETER_INVALID,
                    name + " is a moment such as 2026-01-31T08:00:00Z, or milliseconds since 1970.");
        }
    }
}
