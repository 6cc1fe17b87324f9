package io.penstock.table;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Gives a store of an instance of Streams that may be starting, or being replaced. Whoever depends on a table waits for it: a
 * topology that reads the catalog must not decide anything while it cannot see it.
 */
public final class PatientStore implements Supplier<ReadOnlyKeyValueStore<String, byte[]>> {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Supplier<Optional<KafkaStreams>> streams;
    private final String store;
    private final Duration patience;

    /** @param patience how long to wait for the store before giving up */
    public PatientStore(Supplier<Optional<KafkaStreams>> streams, String store, Duration patience) {
        this.streams = streams;
        this.store = store;
        this.patience = patience;
    }

    @Override
    public ReadOnlyKeyValueStore<String, byte[]> get() {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return streams.get()
                        .orElseThrow(
                                () -> new InvalidStateStoreException("The topology of " + store + " is not running"))
                        .store(StoreQueryParameters.fromNameAndType(
                                store, QueryableStoreTypes.<String, byte[]>keyValueStore()));
            } catch (InvalidStateStoreException | IllegalStateException e) {
                if (System.nanoTime() >= deadline || Thread.currentThread().isInterrupted()) {
                    throw new InvalidStateStoreException(String.valueOf(e.getMessage()), e);
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }
}
