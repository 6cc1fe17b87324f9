package io.penstock.ingest;

import io.penstock.schema.Fence;
import io.penstock.schema.Inference;
import io.penstock.serde.Decoded;
import org.jspecify.annotations.Nullable;

/** What a record on the Kafka topic {@code inference} asks for. */
sealed interface IngestOrder {
    /** Make the chunks of the record what the inference says. */
    record Put(Decoded<Inference> decoded) implements IngestOrder {
        Inference inference() {
            return decoded.value();
        }
    }

    /** Make the chunks of a record that is known anew, if they were embedded with another model. */
    record Renew() implements IngestOrder {
        private static final byte[] BYTES = {1};
    }

    /** Remove the record and its chunks. */
    record Delete() implements IngestOrder {}

    /** Remove everything of a topic or segment that came before. */
    record Barrier(Fence fence, byte[] original) implements IngestOrder {}

    /** The value as it came in; null for a deletion, and for a renewal, which did not come in, what no inference begins with. */
    default byte @Nullable [] bytes() {
        return switch (this) {
            case Put put -> put.decoded().bytes();
            case Renew _ -> Renew.BYTES.clone();
            case Delete _ -> null;
            case Barrier barrier -> barrier.original();
        };
    }
}
