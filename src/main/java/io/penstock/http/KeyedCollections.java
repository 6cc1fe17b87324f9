package io.penstock.http;

import io.penstock.alert.AlertFanoutTopology;
import io.penstock.alert.AlertOrder;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.CollectGateway;
import io.penstock.gateway.CollectGateway.Collection;
import io.penstock.query.StoreQueries;
import io.penstock.schema.SeenAlert;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Takes collections under an {@code Idempotency-Key}: what a key stood for first, it stands for as long as the fan-out remembers its
 * alerts. A call ends only when the fan-out has seen them, so that whoever comes next, on whichever instance, meets them there.
 */
final class KeyedCollections {
    /** The fan-out may be moving from one instance to another. */
    private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);

    /** What one transaction wrote is seen within a moment of each other. */
    private static final Duration UNTIL_WHOLE = Duration.ofSeconds(2);

    private final KeyedOrders orders = new KeyedOrders();

    /** What is done under the key. */
    @FunctionalInterface
    interface Taking<T> {
        T take() throws InterruptedException;
    }

    /** @throws PenstockException {@code idempotency.conflict} when the key stands for other collections; {@code not-ready} */
    <T> T under(String key, List<Collection> collections, StoreQueries stores, Taking<T> taking)
            throws InterruptedException {
        orders.begin(key, fingerprints(collections));
        try {
            refuseOther(key, collections, stores);
            T taken = taking.take();
            refuseLost(key, collections, stores);
            return taken;
        } finally {
            orders.end(key);
        }
    }

    private static List<String> fingerprints(List<Collection> collections) {
        return collections.stream()
                .map(collection -> AlertOrder.fingerprint(collection.topic(), collection.segments()))
                .toList();
    }

    /** A key that stood for another order would set off nothing: its alert counts as seen. */
    private static void refuseOther(String key, List<Collection> collections, StoreQueries stores)
            throws InterruptedException {
        List<String> ids = alertIds(key, collections.size());
        if (isOfAnotherLength(key, ids.size(), stores)) {
            throw KeyedOrders.conflict();
        }
        if (!stores.getAll(AlertFanoutTopology.SEEN_ALERTS, ids).isEmpty()) { // of a shorter order the rest never comes
            long deadline = System.nanoTime() + UNTIL_WHOLE.toNanos();
            for (int i = 0; i < ids.size(); i++) {
                if (!isTakenFor(collections.get(i), ids.get(i), stores, deadline, false)) {
                    throw KeyedOrders.conflict();
                }
            }
        }
    }

    /** Whether the key stood for one collection instead of several, for several instead of one, or for more of them. */
    private static boolean isOfAnotherLength(String key, int count, StoreQueries stores) {
        List<String> others =
                count == 1 ? alertIds(key, 2) : List.of(key, CollectGateway.alertId(key, count, count + 1));
        int seen = stores.getAll(AlertFanoutTopology.SEEN_ALERTS, others).size();
        return count == 1 ? seen == others.size() : seen > 0;
    }

    /** Another instance may have taken another order under the key at the same moment, which came first. */
    private static void refuseLost(String key, List<Collection> collections, StoreQueries stores)
            throws InterruptedException {
        List<String> ids = alertIds(key, collections.size());
        long deadline = System.nanoTime() + UNTIL_SEEN.toNanos();
        try {
            for (int i = 0; i < ids.size(); i++) {
                if (!isTakenFor(collections.get(i), ids.get(i), stores, deadline, true)) {
                    throw KeyedOrders.conflict();
                }
            }
        } catch (PenstockException e) {
            if (e.code() != ErrorCode.NOT_READY) {
                throw e; // what is published is published: a caller who is told to ask again would not know that
            }
        }
    }

    /** @param unseen what is said of an alert that is not seen in time */
    private static boolean isTakenFor(
            Collection collection, String alertId, StoreQueries stores, long deadline, boolean unseen)
            throws InterruptedException {
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        return stores.await(AlertFanoutTopology.SEEN_ALERTS, alertId, seen -> true, left)
                .map(seen -> AlertOrder.isOf((SeenAlert) seen, collection.topic(), collection.segments()))
                .orElse(unseen);
    }

    private static List<String> alertIds(String key, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> CollectGateway.alertId(key, i, count))
                .toList();
    }
}
