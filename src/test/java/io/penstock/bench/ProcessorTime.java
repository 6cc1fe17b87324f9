package io.penstock.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Time on any core that the processes of a contest took.
 *
 * @param template those with spring-kafka behind HTTP
 * @param here the process that asks, in which spring-kafka runs without HTTP
 */
record ProcessorTime(Duration application, Duration template, Duration broker, Duration here) {

    /** Since they started. */
    interface Clock {
        ProcessorTime now();
    }

    static Clock of(MeasuredProcess application, List<MeasuredProcess> templates, MeasuredProcess broker) {
        return () -> new ProcessorTime(
                application.cpu(),
                templates.stream().map(MeasuredProcess::cpu).reduce(Duration.ZERO, Duration::plus),
                broker.cpu(),
                ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO));
    }

    ProcessorTime since(ProcessorTime before) {
        return new ProcessorTime(
                application.minus(before.application),
                template.minus(before.template),
                broker.minus(before.broker),
                here.minus(before.here));
    }

    /** Of each of so many requests. */
    String each(int requests) {
        return String.format(
                Locale.ROOT,
                "%.0f us in the application, %.0f in spring-kafka's processes, %.0f in the broker, %.0f here",
                micros(application, requests),
                micros(template, requests),
                micros(broker, requests),
                micros(here, requests));
    }

    private static double micros(Duration all, int requests) {
        return all.toNanos() / 1e3 / requests;
    }
}
