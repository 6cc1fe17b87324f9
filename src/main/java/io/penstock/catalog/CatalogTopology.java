package io.penstock.catalog;

import io.penstock.kafka.Topics;
import io.penstock.table.ChangeSignal;
import io.penstock.table.GlobalTableNode;
import org.apache.kafka.streams.Topology;

/**
 * Keeps what exists, which processors serve it, which dead letters were replayed and which runs cancelled, whole on every instance. It has global stores only, hence no stream thread;
 * the other topologies read it through {@link CatalogView} and {@code ProcessorView}.
 */
public final class CatalogTopology {
    public static final String NAME = "catalog";

    private final ChangeSignal catalogChanges;
    private final ChangeSignal processorChanges;
    private final ChangeSignal replayChanges;
    private final ChangeSignal cancelledChanges;

    public CatalogTopology(
            ChangeSignal catalogChanges,
            ChangeSignal processorChanges,
            ChangeSignal replayChanges,
            ChangeSignal cancelledChanges) {
        this.catalogChanges = catalogChanges;
        this.processorChanges = processorChanges;
        this.replayChanges = replayChanges;
        this.cancelledChanges = cancelledChanges;
    }

    public Topology build() {
        Topology topology = new Topology();
        GlobalTableNode.add(topology, Topics.CATALOG, catalogChanges);
        GlobalTableNode.add(topology, Topics.PROCESSORS, processorChanges);
        GlobalTableNode.add(topology, Topics.REPLAYED, replayChanges);
        GlobalTableNode.add(topology, Topics.CANCELLED, cancelledChanges);
        return topology;
    }
}
