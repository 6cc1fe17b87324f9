package io.penstock.capture;

import io.penstock.stage.CallException;
import java.time.InstantSource;

/** The sources by their type: {@code file}, {@code http} and {@code inline}. Make one for the process; close it at the end. */
public final class Sources implements Source, AutoCloseable {
    private final FileSource file;
    private final HttpSource http;
    private final InlineSource inline;

    public Sources(CaptureSettings settings, InstantSource clock) {
        file = new FileSource(settings);
        http = new HttpSource(settings, clock);
        inline = new InlineSource(settings);
    }

    @Override
    public CapturedContent fetch(CaptureRequest request) throws CallException, InterruptedException {
        String type = request.source().getType();
        Source source = switch (type) {
            case "file" -> file;
            case "http" -> http;
            case "inline" -> inline;
            default ->
                throw Failures.refused("There is no source of type '" + type + "'; known are file, http, inline.");
        };
        return source.fetch(request);
    }

    @Override
    public void close() {
        http.close();
    }
}
