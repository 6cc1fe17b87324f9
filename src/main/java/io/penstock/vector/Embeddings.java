package io.penstock.vector;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors as they travel: float32, little-endian. */
public final class Embeddings {
    private Embeddings() {}

    public static ByteBuffer encode(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return bytes.order(ByteOrder.BIG_ENDIAN);
    }

    /** The vector in the remaining bytes, whose number must be a multiple of four. Leaves the buffer as it is. */
    public static float[] decode(ByteBuffer bytes) {
        float[] vector = new float[bytes.remaining() / Float.BYTES];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }
}
