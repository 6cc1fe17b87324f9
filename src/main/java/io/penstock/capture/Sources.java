package io.penstock.capture;

import io.penstock.stage.CallException;
import java.time.InstantSource;

/** The sources by their type: {@code file}, {@code http}, {@code feed} and {@code inline}. Make one for the process; close it at the end. */
public final class Sources implements Source, AutoCloseable {
    private final FileSource file;
    private final HttpSource http;
    private final InlineSource inline;
    private final Outbound outbound;

    /** @param pace of requests beyond the first of a capture */
    public Sources(CaptureSettings settings, InstantSource clock, Pace pace) {
        outbound = new Outbound(settings, clock, pace);
        file = new FileSource(settings);
        http = new HttpSource(outbound, clock, Secrets.of(settings));
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

    /** What goes out over HTTP. */
    public OutboundCounters outboundCounters() {
        return outbound.counters();
    }

    /** What was received over HTTP. */
    public CaptureCounters captureCounters() {
        return outbound.received();
    }

    /** Servers that are left alone at present, because they are down. */
    public int serversDown() {
        return outbound.hosts().paused();
    }

    @Override
    public void close() {
        http.close();
    }
}
