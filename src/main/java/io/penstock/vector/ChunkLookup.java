package io.penstock.vector;

import io.penstock.schema.Chunk;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/** Asks for chunks by id. The answer holds those that the shard has, without their embeddings. */
public record ChunkLookup(Set<String> ids) implements IndexQuery<Map<String, Chunk>> {
    public ChunkLookup {
        ids = Set.copyOf(ids);
    }

    public static ChunkLookup of(Collection<String> ids) {
        return new ChunkLookup(Set.copyOf(ids));
    }
}
