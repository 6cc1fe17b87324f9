package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The orders that this instance is taking under a key right now: until the fan-out has seen an order, nothing else knows what its key
 * stands for. May be used from any thread.
 */
final class KeyedOrders {
    private final Map<String, UnderWay> underWay = new ConcurrentHashMap<>();

    private record UnderWay(List<String> order, int calls) {}

    /**
     * Begins to take an order, which {@link #end} must follow.
     *
     * @param order what is ordered, as fingerprints in the order of the collections
     * @throws PenstockException {@code idempotency.conflict} when the key stands for another order
     */
    void begin(String key, List<String> order) {
        UnderWay mine = new UnderWay(List.copyOf(order), 1);
        UnderWay taken = underWay.merge(
                key,
                mine,
                (known, _) ->
                        known.order().equals(mine.order()) ? new UnderWay(known.order(), known.calls() + 1) : known);
        if (!taken.order().equals(mine.order())) {
            throw conflict();
        }
    }

    void end(String key) {
        underWay.computeIfPresent(
                key, (_, known) -> known.calls() == 1 ? null : new UnderWay(known.order(), known.calls() - 1));
    }

    static PenstockException conflict() {
        return new PenstockException(
                ErrorCode.IDEMPOTENCY_CONFLICT,
                "The Idempotency-Key stands for another collection. Use a new key for a new order.");
    }
}
