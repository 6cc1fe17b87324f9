package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;

/**
 * Opens regular files below certain folders, and nothing else. A path is judged as it is written, so that nothing can be learnt
 * about files elsewhere, and as it really is, so that no symbolic link leads out. Then the file is opened folder by folder, each
 * within the one before and none through a link, so that a folder that is exchanged for a link after the judgement leads nowhere.
 *
 * <p>Limitation: a file system that does not know how to open one folder within another (that of Windows) is protected against such
 * an exchange in the last part of the path only. A hard link in an allowed folder is a file of that folder.
 */
final class FileJail {
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    private final List<Path> allowed;
    private final Runnable afterJudgement;

    /** A file that may be read. */
    record Opened(SeekableByteChannel channel, BasicFileAttributes attributes, Path path) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** @param allowed folders and single files, absolute and normalized */
    FileJail(List<Path> allowed) {
        this(allowed, () -> {});
    }

    /** @param afterJudgement what happens between judging a path and opening it */
    FileJail(List<Path> allowed, Runnable afterJudgement) {
        this.allowed = List.copyOf(allowed);
        this.afterJudgement = afterJudgement;
    }

    /**
     * @param written absolute and normalized
     * @throws CallException {@code capture.outside-folder}, or {@code capture.unreadable} for what is no regular file
     */
    Opened open(Path written) throws IOException, CallException {
        Path real = judged(written);
        Path root = allowed.stream()
                .map(FileJail::real)
                .filter(real::startsWith)
                .findFirst()
                .orElseThrow(() -> outside(written));
        afterJudgement.run();
        Path folder = root.equals(real) ? root.getParent() : root;
        return folder == null ? plainly(written, real) : within(folder, written, real);
    }

    /**
     * Where the path really leads, if that is a place which may be captured.
     *
     * @param written absolute and normalized
     * @throws CallException {@code capture.outside-folder}
     */
    Path judged(Path written) throws IOException, CallException {
        if (allowed.stream().noneMatch(folder -> written.startsWith(folder) || written.startsWith(real(folder)))) {
            throw outside(written);
        }
        Path real = written.toRealPath();
        if (allowed.stream().noneMatch(folder -> real.startsWith(real(folder)))) {
            throw outside(written);
        }
        return real;
    }

    private static Opened within(Path folder, Path written, Path real) throws IOException, CallException {
        try (DirectoryStream<Path> opened = Files.newDirectoryStream(folder)) {
            return opened instanceof SecureDirectoryStream<Path> secure
                    ? below(secure, folder.relativize(real), written, real)
                    : plainly(written, real);
        }
    }

    private static Opened below(SecureDirectoryStream<Path> folder, Path rest, Path written, Path real)
            throws IOException, CallException {
        Path name = rest.getName(0);
        if (rest.getNameCount() > 1) {
            try (SecureDirectoryStream<Path> next = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                return below(next, rest.subpath(1, rest.getNameCount()), written, real);
            }
        }
        BasicFileAttributes attributes = folder.getFileAttributeView(
                        name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
        requireFile(attributes, written);
        return new Opened(folder.newByteChannel(name, READ), attributes, real);
    }

    private static Opened plainly(Path written, Path real) throws IOException, CallException {
        BasicFileAttributes attributes =
                Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        requireFile(attributes, written);
        return new Opened(Files.newByteChannel(real, READ), attributes, real);
    }

    /** Before it is opened: to open a pipe is to wait for whoever writes to it. */
    private static void requireFile(BasicFileAttributes attributes, Path written) throws CallException {
        if (attributes.isDirectory()) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_UNREADABLE.code(),
                    written
                            + " is a folder. End the 'uri' with a slash to take every file in it, or with a pattern such"
                            + " as /*.txt for some of them.");
        }
        if (!attributes.isRegularFile()) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_UNREADABLE.code(), written + " is not a file that can be read.");
        }
    }

    private static Path real(Path folder) {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            return folder; // it may come to exist later; until then nothing is in it
        }
    }

    private static CallException outside(Path written) {
        return CallException.permanent(
                ErrorCode.CAPTURE_OUTSIDE.code(),
                "The file " + written
                        + " is in no folder that may be captured. Move it below the configuration folder, or "
                        + "name its folder in PENSTOCK_CAPTURE_FOLDERS.");
    }
}
