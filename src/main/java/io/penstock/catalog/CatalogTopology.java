package io.penstock.catalog;

import io.penstock.kafka.Topics;
import io.penstock.table.ChangeSignal;
import io.penstock.table.GlobalTableNode;
import org.apache.kafka.streams.Topology;

/**
 * Keeps what exists and which processors serve it, whole on every instance. It has global stores only, hence no stream thread;
 * the other topologies read it through {@link CatalogView} and {@code ProcessorView}.
 */
public final class CatalogTopology {
    public static final String NAME = "catalog";

    private final ChangeSignal catalogChanges;
    private final ChangeSignal processorChanges;

    public CatalogTopology(ChangeSignal catalogChanges, ChangeSignal processorChanges) {
        this.catalogChanges = catalogChanges;
        this.processorChanges = processorChanges;
    }

    public Topology build() {
        Topology topology = new Topology();
        GlobalTableNode.add(topology, Topics.CATALOG, catalogChanges);
        GlobalTableNode.add(topology, Topics.PROCESSORS, processorChanges);
        return topology;
    }
}
