package io.penstock.shared;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all test classes of one process share: made for the first that asks, and closed when the process ends. JUnit's own store
 * would close it earlier, for where several processes run tests, each class is a run of JUnit by itself.
 *
 * <p><b>Threading.</b> May be used by any number of threads.
 */
public final class OncePerProcess<T extends AutoCloseable> {
    private final Supplier<T> maker;
    private @Nullable T made;

    /** @param maker asked once; again only if it failed */
    public OncePerProcess(Supplier<T> maker) {
        this.maker = maker;
    }

    public synchronized T get() {
        if (made != null) {
            return made;
        }
        T shared = maker.get();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(shared), "close-shared"));
        made = shared;
        return shared;
    }

    private static void close(AutoCloseable shared) {
        try {
            shared.close();
        } catch (Exception e) {
            throw new IllegalStateException(shared + " could not be closed", e);
        }
    }
}
