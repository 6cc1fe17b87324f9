package io.penstock.app;

import io.penstock.error.PenstockException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * What is done beside the start: each task on a thread of its own, since the common pool may have but one. An interrupt of the start
 * does not reach them.
 */
final class Aside {
    private Aside() {}

    static <T> CompletableFuture<T> start(String name, Supplier<T> task) {
        return CompletableFuture.supplyAsync(
                task,
                run -> Thread.ofPlatform()
                        .name("penstock-start-" + name)
                        .daemon()
                        .start(run));
    }

    /** What came of it. Waits even when interrupted, which is marked afterwards as it was before. */
    static <T> T join(CompletableFuture<T> task) {
        try {
            return task.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof PenstockException problem ? problem : e;
        }
    }
}
