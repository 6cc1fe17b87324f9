package io.penstock.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro's binary encoding (Avro specification 1.12, "Binary Encoding") from an array. Avro's own decoder allocates
 * whatever length the bytes claim, up to 2 GiB; this one never believes in more than there are bytes left.
 */
final class BoundedDecoder extends Decoder {
    private static final int VARINT_BITS = 7;
    private static final int VARINT_MASK = 0x7f;
    private static final int VARINT_MORE = 0x80;

    private final byte[] bytes;
    private final int end;
    private int at;

    /**
     * @param from index of the first byte
     * @param end index after the last
     */
    BoundedDecoder(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    @Override
    public void readNull() {
        // takes no bytes
    }

    @Override
    public boolean readBoolean() throws IOException {
        return bytes[take(1)] == 1;
    }

    @Override
    public int readInt() throws IOException {
        long value = readVarint(Integer.SIZE);
        if (value != (int) value) {
            throw new IOException("an int does not fit its 32 bits");
        }
        return (int) value;
    }

    @Override
    public long readLong() throws IOException {
        return readVarint(Long.SIZE);
    }

    @Override
    public float readFloat() throws IOException {
        return Float.intBitsToFloat((int) readLittleEndian(Float.BYTES));
    }

    @Override
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(readLittleEndian(Double.BYTES));
    }

    @Override
    public Utf8 readString(@Nullable Utf8 old) throws IOException {
        return new Utf8(readString());
    }

    @Override
    public String readString() throws IOException {
        int length = readLength();
        return new String(bytes, take(length), length, UTF_8);
    }

    @Override
    public void skipString() throws IOException {
        take(readLength());
    }

    @Override
    public ByteBuffer readBytes(@Nullable ByteBuffer old) throws IOException {
        int length = readLength();
        byte[] copy = new byte[length];
        System.arraycopy(bytes, take(length), copy, 0, length);
        return ByteBuffer.wrap(copy);
    }

    @Override
    public void skipBytes() throws IOException {
        take(readLength());
    }

    @Override
    public void readFixed(byte[] target, int start, int length) throws IOException {
        System.arraycopy(bytes, take(length), target, start, length);
    }

    @Override
    public void skipFixed(int length) throws IOException {
        take(length);
    }

    @Override
    public int readEnum() throws IOException {
        return readInt();
    }

    @Override
    public int readIndex() throws IOException {
        return readInt();
    }

    @Override
    public long readArrayStart() throws IOException {
        return readCount();
    }

    @Override
    public long arrayNext() throws IOException {
        return readCount();
    }

    @Override
    public long skipArray() throws IOException {
        return skipBlocks();
    }

    @Override
    public long readMapStart() throws IOException {
        return readCount();
    }

    @Override
    public long mapNext() throws IOException {
        return readCount();
    }

    @Override
    public long skipMap() throws IOException {
        return skipBlocks();
    }

    /** How many entries the next block has; a negative count is followed by the block's size in bytes. */
    private long readCount() throws IOException {
        long count = readLong();
        if (count < 0) {
            bounded(readLong(), "a block of bytes");
            count = -count;
        }
        return bounded(count, "a block of entries");
    }

    /** Skips the blocks that tell their size, and returns the count of the first that does not. */
    private long skipBlocks() throws IOException {
        long count = readLong();
        while (count < 0) {
            take((int) bounded(readLong(), "a block of bytes"));
            count = readLong();
        }
        return bounded(count, "a block of entries");
    }

    private int readLength() throws IOException {
        return (int) bounded(readLong(), "a string or bytes");
    }

    private long bounded(long claimed, String what) throws IOException {
        if (claimed < 0 || claimed > end - at) {
            throw new IOException(what + " claims a length of " + claimed + " where " + (end - at) + " bytes are left");
        }
        return claimed;
    }

    private long readVarint(int bits) throws IOException {
        long raw = 0;
        for (int shift = 0; shift < bits; shift += VARINT_BITS) {
            byte next = bytes[take(1)];
            raw |= (long) (next & VARINT_MASK) << shift;
            if ((next & VARINT_MORE) == 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new IOException("a number takes more than its " + bits + " bits");
    }

    private long readLittleEndian(int length) throws IOException {
        int from = take(length);
        long value = 0;
        for (int i = length - 1; i >= 0; i--) {
            value = value << Byte.SIZE | (bytes[from + i] & 0xff);
        }
        return value;
    }

    /** Moves past some bytes and returns the index of the first. */
    private int take(int length) throws EOFException {
        if (length < 0 || length > end - at) {
            throw new EOFException("the bytes end too early");
        }
        int from = at;
        at += length;
        return from;
    }
}
