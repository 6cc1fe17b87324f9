package io.penstock.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Comparator;

/** The order of the stores, which compare bytes; that of Java's strings differs beyond the basic plane. */
final class KeyOrder {
    static final Comparator<String> BYTES =
            (left, right) -> Arrays.compareUnsigned(left.getBytes(UTF_8), right.getBytes(UTF_8));

    private KeyOrder() {}
}
