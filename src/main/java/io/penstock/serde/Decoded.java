package io.penstock.serde;

import java.util.Arrays;

/** A decoded value together with the bytes it came as, so that a dead letter can carry the original. */
public record Decoded<T>(T value, byte[] bytes) {
    @Override
    public boolean equals(Object other) {
        return other instanceof Decoded<?> that && value.equals(that.value) && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }
}
