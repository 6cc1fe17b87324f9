package io.penstock.ingest;

import io.penstock.schema.Inference;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Orders travel as the bytes they came as; a deletion, which came as null, as no bytes at all, and a renewal as one byte. */
final class IngestOrderSerde implements Serde<IngestOrder> {
    private static final byte[] DELETE = {};

    private final AvroCodec<Inference> codec;

    IngestOrderSerde(AvroCodec<Inference> codec) {
        this.codec = codec;
    }

    @Override
    public Serializer<IngestOrder> serializer() {
        return (_, order) -> {
            byte[] bytes = order.bytes();
            return bytes == null ? DELETE : bytes;
        };
    }

    @Override
    public Deserializer<IngestOrder> deserializer() {
        return (_, bytes) -> read(bytes);
    }

    static IngestOrder of(Decoded<Inference> decoded) {
        var fence = decoded.value().getFence();
        return fence == null ? new IngestOrder.Put(decoded) : new IngestOrder.Barrier(fence, decoded.bytes());
    }

    private IngestOrder read(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length == 0) {
            return new IngestOrder.Delete();
        }
        return bytes.length == 1 ? new IngestOrder.Renew() : of(new Decoded<>(codec.decode(bytes), bytes));
    }
}
