package io.penstock.capture;

import io.penstock.stage.CallException;
import java.net.InetAddress;
import java.time.InstantSource;

/** The sources by their type: {@code file}, {@code http}, {@code feed} and {@code inline}. Make one for the process; close it at the end. */
public final class Sources implements Source, AutoCloseable {
    private final FileSource file;
    private final HttpSource http;
    private final InlineSource inline;

    /** @param counters of what is received over HTTP */
    public Sources(CaptureSettings settings, InstantSource clock, CaptureCounters counters) {
        file = new FileSource(settings);
        http = new HttpSource(settings, clock, InetAddress::getAllByName, Secrets.of(settings), counters);
        inline = new InlineSource(settings);
    }

    @Override
    public Fetched fetch(CaptureRequest request) throws CallException, InterruptedException {
        String type = request.source().getType();
        Source source = switch (type) {
            case "file" -> file;
            case "http", "feed" -> http;
            case "inline" -> inline;
            default ->
                throw Failures.refused(
                        "There is no source of type '" + type + "'; known are file, http, feed, inline.");
        };
        return source.fetch(request);
    }

    @Override
    public void close() {
        http.close();
    }
}
