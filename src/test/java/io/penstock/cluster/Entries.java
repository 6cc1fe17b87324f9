package io.penstock.cluster;

import io.penstock.schema.InstanceEntry;
import java.time.Instant;
import java.util.List;

/** Makes entries of instances. */
final class Entries {
    static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private Entries() {}

    static InstanceEntry entry(String id, long seq, Instant at) {
        return InstanceEntry.newBuilder()
                .setInstanceId(id)
                .setUrl("http://" + id + ".example:8080")
                .setRoles(List.of("gateway"))
                .setStores(List.of("runs"))
                .setTopologies(List.of("runs", "schedule"))
                .setAt(at)
                .setSeq(seq)
                .build();
    }
}
