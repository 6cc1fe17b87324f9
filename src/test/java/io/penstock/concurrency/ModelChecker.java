package io.penstock.concurrency;

import java.util.Locale;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Has Lincheck try interleavings of the operations of classes, in a process of its own, for it changes the code of what it watches.
 * Prints {@code ok CLASS MILLISECONDS}, or {@code fault CLASS} with the interleaving that leads to it and {@code end}.
 */
public final class ModelChecker {
    private ModelChecker() {}

    /** @param arguments scenarios for each class, interleavings of each, then the names of classes */
    public static void main(String... arguments) throws ClassNotFoundException {
        int scenarios = Integer.parseInt(arguments[0]);
        int interleavings = Integer.parseInt(arguments[1]);
        for (int i = 2; i < arguments.length; i++) {
            Class<?> operations = Class.forName(arguments[i]);
            long begin = System.nanoTime();
            try {
                new ModelCheckingOptions()
                        .iterations(scenarios)
                        .invocationsPerIteration(interleavings)
                        .threads(2)
                        .actorsBefore(1)
                        .actorsPerThread(2)
                        .actorsAfter(1)
                        .check(operations);
                System.out.printf(
                        Locale.ROOT, "ok %s %d%n", operations.getName(), (System.nanoTime() - begin) / 1_000_000);
            } catch (AssertionError e) {
                System.out.printf("fault %s%n%s%nend%n", operations.getName(), e.getMessage());
            }
        }
    }
}
