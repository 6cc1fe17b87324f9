package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.schema.DataEntry;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one file from the config folder or a folder that is allowed by name. */
final class FileSource implements Source {
    private final Path configFolder;
    private final FileJail jail;
    private final int maxContentBytes;

    FileSource(CaptureSettings settings) {
        configFolder = settings.configFolder();
        List<Path> allowed = new ArrayList<>(settings.folders());
        allowed.add(configFolder);
        jail = new FileJail(allowed);
        maxContentBytes = settings.maxContentBytes();
    }

    @Override
    public CapturedContent fetch(CaptureRequest request) throws CallException {
        String template = request.source().getUri();
        if (template == null || template.isBlank()) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_NOT_FOUND.code(),
                    "The source of processor " + request.processor() + " names no file; give it a uri.");
        }
        Path written = path(template, request.entry(), request.source().getFolder());
        try (FileJail.Opened file = jail.open(written)) {
            byte[] content = read(file);
            String type = request.source().getContentType();
            return new CapturedContent(
                    content,
                    type == null ? ContentTypes.of(String.valueOf(file.path().getFileName()), content) : type,
                    file.path().toUri().toString(),
                    Map.of(
                            "modified_at",
                            file.attributes().lastModifiedTime().toInstant().toString()));
        } catch (NoSuchFileException e) {
            throw CallException.permanent(ErrorCode.CAPTURE_NOT_FOUND.code(), "There is no file " + written + ".", e);
        } catch (AccessDeniedException e) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_UNREADABLE.code(),
                    "The file " + written + " may not be read by this process.",
                    e);
        } catch (IOException e) {
            throw CallException.retryable(
                    ErrorCode.CAPTURE_UNREADABLE.code(), "The file " + written + " cannot be read: " + e + ".", e);
        }
    }

    private byte[] read(FileJail.Opened file) throws IOException, CallException {
        try {
            return BoundedBody.whole(Channels.newInputStream(file.channel()), maxContentBytes);
        } catch (BoundedBody.TooLargeException e) {
            throw Failures.tooLarge("The file " + file.path(), maxContentBytes);
        }
    }

    private Path path(String template, DataEntry entry, @Nullable String folder) throws CallException {
        try {
            String filled = Template.fill(template, entry, FileSource::harmless);
            Path base = folder == null ? configFolder : configFolder.resolve(folder);
            return base.resolve(filled).normalize();
        } catch (IllegalArgumentException e) { // an illegal path as well
            throw CallException.permanent(
                    ErrorCode.CAPTURE_OUTSIDE.code(),
                    "The entry '" + entry.getValue() + "' cannot be part of a path: " + e.getMessage() + ".",
                    e);
        }
    }

    /** A value may name a file in a folder below, but may not climb. */
    private static String harmless(String value) {
        for (String part : value.split("[/\\\\]", -1)) {
            if (part.equals("..")) {
                throw new IllegalArgumentException("it holds '..'");
            }
        }
        return value;
    }
}
