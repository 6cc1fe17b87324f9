package io.penstock.app;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The folder that keeps everything between two starts. One process at a time has it. */
final class DataFolder implements AutoCloseable {
    private static final String FORMAT = "1";
    private static final String STREAMS = "streams";
    private static final int KEY_BYTES = 24;

    private final Path folder;
    private final FileChannel channel;
    private final FileLock lock;

    private DataFolder(Path folder, FileChannel channel, FileLock lock) {
        this.folder = folder;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the folder, making it if it is not there.
     *
     * @throws PenstockException {@code busy} when another process has it, {@code config.invalid} when its format is not known or it
     *     cannot be written
     */
    static DataFolder open(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel channel = FileChannel.open(
                    folder.resolve("lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            try {
                FileLock lock = tryLock(channel);
                if (lock == null) {
                    throw new PenstockException(
                            ErrorCode.BUSY,
                            "Penstock is running on " + folder + " already, at " + otherUrl(folder)
                                    + ". Use that one, stop it, or set PENSTOCK_DATA to another folder.");
                }
                checkFormat(folder);
                // Instances of Streams that start side by side would race for it, and the loser would not start.
                Files.createDirectories(folder.resolve(STREAMS));
                return new DataFolder(folder, channel, lock);
            } catch (IOException | RuntimeException e) {
                channel.close(); // and with it the lock
                throw e;
            }
        } catch (IOException e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "The data folder " + folder + " cannot be used: " + e
                            + ". Set PENSTOCK_DATA to one that can be written.",
                    e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held by this very process
        }
    }

    private static String otherUrl(Path folder) throws IOException {
        Path address = folder.resolve("address");
        return Files.exists(address) ? Files.readString(address).strip() : "an address that is not known yet";
    }

    private static void checkFormat(Path folder) throws IOException {
        Path file = folder.resolve("format-version");
        if (!Files.exists(file)) {
            Files.writeString(file, FORMAT + "\n");
            return;
        }
        String found = Files.readString(file).strip();
        if (!found.equals(FORMAT)) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "The data in " + folder + " has format version '" + found + "'; this version of Penstock knows "
                            + FORMAT + ". Start the version that wrote it, or set PENSTOCK_DATA to another folder.");
        }
    }

    /** Notes where this process is reached, for whoever comes second. */
    void announce(String url) {
        try {
            Files.writeString(folder.resolve("address"), url + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path kafka() {
        return folder.resolve("kafka");
    }

    Path streams() {
        return folder.resolve(STREAMS);
    }

    Path models() {
        return folder.resolve("models");
    }

    /** Names this data folder among all instances; the same after each start. */
    String instanceId() {
        Path file = folder.resolve("instance-id");
        try {
            if (!Files.exists(file)) {
                Files.writeString(file, UUID.randomUUID() + "\n");
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path keyFile() {
        return folder.resolve("api-key");
    }

    /** The key in the folder, made at the first start and readable by its owner only. */
    String apiKey() {
        Path file = keyFile();
        try {
            String present = Files.exists(file) ? Files.readString(file).strip() : "";
            if (!present.isEmpty()) {
                return present;
            }
            byte[] random = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(random);
            String key = HexFormat.of().formatHex(random);
            Path draft = folder.resolve("api-key.new");
            Files.deleteIfExists(draft);
            Files.createFile(draft, ownerOnly());
            Files.writeString(draft, key + "\n");
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
            return key;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString("rw-------");
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(folder.resolve("address"));
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
