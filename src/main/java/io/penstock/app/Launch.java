package io.penstock.app;

import java.util.concurrent.atomic.AtomicReference;

/**
 * What {@link PenstockMain} hands to the application. Quarkus makes the beans, so there is no constructor to pass this through.
 *
 * @param folder held by this process until it ends
 */
record Launch(PenstockSettings settings, DataFolder folder) {
    private static final AtomicReference<Launch> CURRENT = new AtomicReference<>();

    static void begin(PenstockSettings settings, DataFolder folder) {
        CURRENT.set(new Launch(settings, folder));
    }

    /** @throws IllegalStateException when the application was not started by {@link PenstockMain} */
    static Launch current() {
        Launch launch = CURRENT.get();
        if (launch == null) {
            throw new IllegalStateException("The application is started by PenstockMain");
        }
        return launch;
    }
}
