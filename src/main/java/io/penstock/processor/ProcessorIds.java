package io.penstock.processor;

import java.util.HashSet;
import java.util.Set;

/** Gives processors without an id one of their own: {@code <topic>.<segment>.<n>}, the first number that is free. */
public final class ProcessorIds {
    private final Set<String> taken = new HashSet<>();

    /** Takes an id; false when another processor has it. */
    public boolean take(String id) {
        return taken.add(id);
    }

    /** Takes the next free id that begins so. */
    String next(String prefix) {
        int n = 1;
        while (!taken.add(prefix + "." + n)) {
            n++;
        }
        return prefix + "." + n;
    }
}
