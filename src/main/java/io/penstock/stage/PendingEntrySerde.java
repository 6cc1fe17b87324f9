package io.penstock.stage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a {@link PendingEntry}, format 1: one byte of version, then in order, big-endian, {@code seq} (8 bytes),
 * {@code failedAttempts} (4), {@code timestamp} (8), {@code acceptedAt} (8), {@code notBefore} (8), {@code topic} (block),
 * {@code partition} (4), {@code offset} (8), the number of headers (4) and for each its name and value (blocks), then key and
 * value (blocks). A block is its length (4; -1 for null) and its bytes; text is UTF-8.
 */
final class PendingEntrySerde implements Serde<PendingEntry> {
    static final byte VERSION = 1;

    @Override
    public Serializer<PendingEntry> serializer() {
        return (_, entry) -> entry == null ? null : write(entry);
    }

    @Override
    public Deserializer<PendingEntry> deserializer() {
        return (_, bytes) -> bytes == null ? null : read(bytes);
    }

    private static byte[] write(PendingEntry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128 + lengthOf(entry.key()) + lengthOf(entry.value()));
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(entry.seq());
            out.writeInt(entry.failedAttempts());
            out.writeLong(entry.timestamp());
            out.writeLong(entry.acceptedAt());
            out.writeLong(entry.notBefore());
            writeBlock(out, entry.topic().getBytes(StandardCharsets.UTF_8));
            out.writeInt(entry.partition());
            out.writeLong(entry.offset());
            out.writeInt(entry.headers().size());
            for (Header header : entry.headers()) {
                writeBlock(out, header.key().getBytes(StandardCharsets.UTF_8));
                writeBlock(out, header.value());
            }
            writeBlock(out, entry.key());
            writeBlock(out, entry.value());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static PendingEntry read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte version = in.readByte();
            if (version != VERSION) {
                throw new SerializationException("A pending entry has format " + version + ", and this version knows "
                        + VERSION + ". Go back to the version that wrote it and let it finish what is pending.");
            }
            return new PendingEntry(
                    in.readLong(),
                    in.readInt(),
                    in.readLong(),
                    in.readLong(),
                    in.readLong(),
                    readText(in),
                    in.readInt(),
                    in.readLong(),
                    readHeaders(in),
                    readBlock(in),
                    readBlock(in));
        } catch (IOException e) {
            throw new SerializationException(
                    "A pending entry of " + bytes.length + " bytes is cut off or damaged: " + e.getMessage(), e);
        }
    }

    private static List<Header> readHeaders(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<Header> headers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            headers.add(new RecordHeader(readText(in), readBlock(in)));
        }
        return headers;
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(Objects.requireNonNullElseGet(readBlock(in), () -> new byte[0]), StandardCharsets.UTF_8);
    }

    private static void writeBlock(DataOutputStream out, byte @Nullable [] block) throws IOException {
        if (block == null) {
            out.writeInt(-1);
        } else {
            out.writeInt(block.length);
            out.write(block);
        }
    }

    private static byte @Nullable [] readBlock(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        if (length > in.available()) {
            throw new IOException("a block of " + length + " bytes is announced, and " + in.available() + " are left");
        }
        return in.readNBytes(length);
    }

    private static int lengthOf(byte @Nullable [] block) {
        return block == null ? 0 : block.length;
    }
}
