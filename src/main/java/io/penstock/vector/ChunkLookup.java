package io.penstock.vector;

import io.penstock.schema.Chunk;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Asks for chunks by id. The answer holds those that the shard has, without their embeddings.
 *
 * @param ids by the partition that is asked for them
 */
public record ChunkLookup(Map<Integer, Set<String>> ids) implements IndexQuery<Map<String, Chunk>> {
    public ChunkLookup {
        Map<Integer, Set<String>> copy = new HashMap<>();
        ids.forEach((partition, ofOne) -> copy.put(partition, Set.copyOf(ofOne)));
        ids = Map.copyOf(copy);
    }

    @Override
    public boolean takesLittle() {
        return true;
    }

    /** What one shard is asked for. */
    Set<String> of(int partition) {
        return ids.getOrDefault(partition, Set.of());
    }
}
