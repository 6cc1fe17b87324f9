package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.schema.DataEntry;
import io.penstock.schema.SourceConfig;
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

/** Reads files from the config folder or a folder that is allowed by name: one, all of a folder, or those that fit a pattern. */
final class FileSource implements Source {
    private final Path configFolder;
    private final FileJail jail;
    private final int maxContentBytes;
    private final CaptureSettings settings;

    FileSource(CaptureSettings settings) {
        configFolder = settings.configFolder();
        List<Path> allowed = new ArrayList<>(settings.folders());
        allowed.add(configFolder);
        jail = new FileJail(allowed);
        maxContentBytes = settings.maxContentBytes();
        this.settings = settings;
    }

    @Override
    public Fetched fetch(CaptureRequest request) throws CallException {
        String template = request.source().getUri();
        if (template == null || template.isBlank()) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_NOT_FOUND.code(),
                    "The source of processor " + request.processor() + " names no file; give it a uri.");
        }
        ItemCollector items = new ItemCollector(settings);
        Extractor extractor = request.source().getRecords() == null
                ? Extractor::whole
                : new RecordExtractor(request.source().getRecords(), request.entry());
        if (!FileSelection.isOfMany(template)) {
            Path written = path(template, request.entry(), request.source().getFolder());
            items.add(extractor.extract(content(written, request.source())).items());
            return new Fetched(items.items(), List.of());
        }
        Path folder = path(
                FileSelection.folder(template),
                request.entry(),
                request.source().getFolder());
        Path inside = checked(folder);
        FileSelection selection = FileSelection.of(
                pattern(template, request.entry()), settings.task().maxItems());
        for (Path file : selection.in(inside)) {
            CapturedContent content = content(inside.resolve(file), request.source());
            String name = file.toString().replace('\\', '/');
            for (CapturedItem item : extractor.extract(content).items()) {
                items.add(
                        item.key() == null
                                ? new CapturedItem(name, request.entry().getLabel() + ": " + name, item.content())
                                : item);
            }
        }
        return new Fetched(items.items(), List.of());
    }

    private CapturedContent content(Path written, SourceConfig source) throws CallException {
        try (FileJail.Opened file = jail.open(written)) {
            byte[] content = read(file);
            String type = source.getContentType();
            return new CapturedContent(
                    content,
                    type == null
                            ? ContentTypes.of(String.valueOf(file.path().getFileName()), content)
                            : ContentCharset.settled(type, content),
                    file.path().toUri().toString(),
                    Map.of(
                            "modified_at",
                            file.attributes().lastModifiedTime().toInstant().toString()));
        } catch (IOException e) {
            throw unreadable(written, e);
        }
    }

    /** Where the path really leads, if that is a place which may be captured. */
    private Path checked(Path written) throws CallException {
        try {
            return jail.judged(written);
        } catch (IOException e) {
            throw unreadable(written, e);
        }
    }

    static CallException unreadable(Path written, IOException fault) {
        return switch (fault) {
            case NoSuchFileException e ->
                CallException.permanent(ErrorCode.CAPTURE_NOT_FOUND.code(), "There is no file " + written + ".", e);
            case AccessDeniedException e ->
                CallException.permanent(
                        ErrorCode.CAPTURE_UNREADABLE.code(),
                        "The file " + written + " may not be read by this process.",
                        e);
            default ->
                CallException.retryable(
                        ErrorCode.CAPTURE_UNREADABLE.code(),
                        "The file " + written + " cannot be read: " + fault + ".",
                        fault);
        };
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
            throw noPath(entry, e);
        }
    }

    private static String pattern(String template, DataEntry entry) throws CallException {
        try {
            return Template.fill(
                    FileSelection.pattern(template), entry, value -> FileSelection.escaped(harmless(value)));
        } catch (IllegalArgumentException e) {
            throw noPath(entry, e);
        }
    }

    private static CallException noPath(DataEntry entry, IllegalArgumentException fault) {
        return CallException.permanent(
                ErrorCode.CAPTURE_OUTSIDE.code(),
                "The entry '" + entry.getValue() + "' cannot be part of a path: " + fault.getMessage() + ".",
                fault);
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
