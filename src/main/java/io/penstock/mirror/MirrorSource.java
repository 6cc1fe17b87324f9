package io.penstock.mirror;

import io.penstock.schema.Chunk;
import io.penstock.schema.Inference;
import io.penstock.schema.Run;
import org.apache.avro.specific.SpecificRecord;

/** What can be mirrored. Each lies in a compacted Kafka topic, which holds every live key however old it is. */
public enum MirrorSource {
    /** The Kafka topic {@code chunk}, by chunk id. */
    CHUNKS(Chunk.class),
    /** The changelog of the records store, by record id. */
    RECORDS(Inference.class),
    /** The changelog of the runs store, by run id. */
    RUNS(Run.class);

    private final Class<? extends SpecificRecord> type;

    MirrorSource(Class<? extends SpecificRecord> type) {
        this.type = type;
    }

    /** What the values are. */
    public Class<? extends SpecificRecord> type() {
        return type;
    }
}
