package io.penstock.stage;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Forwarded to the result child once nothing that a fence stops is pending in the task any more: no result of it will come.
 * A call that was executing has been interrupted, and may take a moment to end; whatever it returns is thrown away.
 *
 * @param fence the fence as it came in
 * @param cancelled what was pending and is given up, oldest first
 */
public record FencePassed<V>(V fence, List<V> cancelled) {
    public FencePassed {
        cancelled = Collections.unmodifiableList(new ArrayList<>(cancelled)); // may hold nulls
    }
}
