package io.penstock.vector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroCodec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/** Reads what comes from the Kafka topic {@code chunk}. The store and the processors beside it judge alike. */
final class ChunkReader {
    private final AvroCodec<Chunk> codec;

    ChunkReader(AvroCodec<Chunk> codec) {
        this.codec = codec;
    }

    /**
     * A record's key as text.
     *
     * @throws PenstockException {@code record.invalid} when there is none, or it is not UTF-8
     */
    static String key(byte @Nullable [] key) {
        if (key == null) {
            throw new PenstockException(ErrorCode.RECORD_INVALID, "The record has no key; a chunk's key is its id.");
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
        } catch (CharacterCodingException e) {
            throw new PenstockException(ErrorCode.RECORD_INVALID, "The key of a chunk must be UTF-8 text.", e);
        }
    }

    /**
     * A chunk that the index can take.
     *
     * @throws PenstockException {@code record.undecodable} or {@code record.invalid} when it cannot be taken, {@code not-ready}
     *     when the registry cannot be asked
     */
    Chunk read(byte @Nullable [] key, byte[] value) {
        String id = key(key);
        Chunk chunk = codec.decode(value);
        ChunkRules.problem(id, chunk).ifPresent(problem -> {
            throw new PenstockException(ErrorCode.RECORD_INVALID, problem);
        });
        return chunk;
    }
}
