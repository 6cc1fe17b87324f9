package io.penstock.embedding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors as arrays and as the bytes they travel as. */
public final class Vectors {
    private Vectors() {}

    /** float32, little-endian. */
    public static ByteBuffer encode(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return bytes.order(ByteOrder.BIG_ENDIAN);
    }

    /** The reverse; leaves the position of the buffer where it is. */
    public static float[] decode(ByteBuffer bytes) {
        float[] vector = new float[bytes.remaining() / Float.BYTES];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }

    /** The dot product; of unit vectors it is their cosine. */
    public static double dot(float[] left, float[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * (double) right[i];
        }
        return sum;
    }

    /** The vector of length one in this direction; all zeros stay zeros. */
    static float[] unit(double[] direction) {
        double squares = 0;
        for (double value : direction) {
            squares += value * value;
        }
        double length = squares == 0 ? 1 : Math.sqrt(squares);
        float[] vector = new float[direction.length];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (direction[i] / length);
        }
        return vector;
    }
}
