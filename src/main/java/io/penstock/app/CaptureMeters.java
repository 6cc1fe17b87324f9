package io.penstock.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.capture.CaptureCounters;
import io.penstock.capture.OutboundCounters;
import io.penstock.capture.Sources;
import java.util.function.ToDoubleFunction;

/** Metrics of what capture sends over HTTP. */
final class CaptureMeters {
    private final MeterRegistry meters;
    private final OutboundCounters counters;

    private CaptureMeters(MeterRegistry meters, OutboundCounters counters) {
        this.meters = meters;
        this.counters = counters;
    }

    static void bind(MeterRegistry meters, Sources sources) {
        CaptureMeters capture = new CaptureMeters(meters, sources.outboundCounters());
        capture.counter("requests", OutboundCounters::requests, "Requests sent, redirects and repetitions included");
        capture.counter("refused", OutboundCounters::refused, "Addresses that capture may not reach");
        capture.counter("host.openings", OutboundCounters::openings, "Times that a server was found to be down");
        capture.counter(
                "host.short.circuits",
                OutboundCounters::shortCircuits,
                "Requests put off because their server was down or had asked for it");
        capture.counter(
                "host.waits", OutboundCounters::waits, "Requests put off because their server was busy for long");
        CaptureCounters received = sources.captureCounters();
        FunctionCounter.builder("penstock.capture.received.bytes", received, CaptureCounters::bytesReceived)
                .description("Bytes of content that HTTP servers sent to capture, before decompression")
                .register(meters);
        FunctionCounter.builder("penstock.capture.responses", received, CaptureCounters::responses)
                .description("Responses of HTTP servers to capture")
                .register(meters);
        FunctionCounter.builder("penstock.capture.not.modified", received, CaptureCounters::notModified)
                .description("Responses which said that nothing had changed, and cost no content")
                .register(meters);
        Gauge.builder("penstock.capture.hosts.down", sources, Sources::serversDown)
                .description("Servers that are left alone at present, because they are down")
                .register(meters);
    }

    private void counter(String name, ToDoubleFunction<OutboundCounters> value, String description) {
        FunctionCounter.builder("penstock.capture." + name, counters, value)
                .description(description)
                .register(meters);
    }
}
