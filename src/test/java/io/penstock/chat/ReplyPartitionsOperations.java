package io.penstock.chat;

import java.util.List;
import java.util.OptionalInt;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** Callers that name partitions, against the group that gives and takes them and the reader that follows. */
@Param(name = "partition", gen = IntGen.class, conf = "0:2")
public final class ReplyPartitionsOperations {
    private final ReplyPartitions partitions = new ReplyPartitions(() -> {});

    /** The partition that a request named which is done at once, and whether it was read all the while. */
    @Operation
    public String ask() {
        OptionalInt partition = partitions.acquire();
        if (partition.isEmpty()) {
            return "none";
        }
        boolean read = partitions.wanted().contains(partition.getAsInt());
        partitions.release(partition.getAsInt());
        return read ? "read" : "dropped";
    }

    @Operation(nonParallelGroup = "group")
    public void assign(@Param(name = "partition") int partition) {
        partitions.assigned(List.of(partition));
    }

    @Operation(nonParallelGroup = "group")
    public void revoke(@Param(name = "partition") int partition) {
        partitions.revoked(List.of(partition));
    }

    @Operation(nonParallelGroup = "group")
    public void borrow(@Param(name = "partition") int partition) {
        partitions.borrow(partition);
    }

    @Operation(nonParallelGroup = "reader")
    public void find() {
        partitions.unknown().forEach(partitions::known);
    }
}
