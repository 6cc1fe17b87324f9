package io.penstock.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.mirror.MirrorState;
import io.penstock.mirror.MirrorStatus;
import io.penstock.mirror.Mirrors;
import java.util.function.ToDoubleFunction;

/** Metrics of the mirrors that this instance keeps, each tagged with the name of its mirror. */
final class MirrorMeters {
    private static final String TAG = "mirror";

    private MirrorMeters() {}

    static void bind(MeterRegistry meters, Mirrors mirrors) {
        for (MirrorStatus each : mirrors.status()) {
            String name = each.name();
            gauge(
                    meters,
                    mirrors,
                    name,
                    "penstock.mirror.backlog",
                    "Records that are not in the mirror yet",
                    status -> {
                        Long backlog = status.backlog();
                        return backlog == null ? Double.NaN : backlog;
                    });
            gauge(
                    meters,
                    mirrors,
                    name,
                    "penstock.mirror.up",
                    "1 when the mirror can be written to, 0 when it cannot; not a number where another instance writes",
                    status -> up(status.state()));
            counter(meters, mirrors, name, "penstock.mirror.upserts", "Upserts acknowledged", MirrorStatus::upserts);
            counter(meters, mirrors, name, "penstock.mirror.deletes", "Deletions acknowledged", MirrorStatus::deletes);
            counter(
                    meters,
                    mirrors,
                    name,
                    "penstock.mirror.skipped",
                    "Changes that the mirror will never take",
                    MirrorStatus::skipped);
            counter(meters, mirrors, name, "penstock.mirror.failures", "Calls that failed", MirrorStatus::failures);
            counter(meters, mirrors, name, "penstock.mirror.rebuilds", "Rebuilds completed", MirrorStatus::rebuilds);
        }
    }

    private static double up(MirrorState state) {
        return switch (state) {
            case UP, REBUILDING -> 1;
            case DOWN, STARTING -> 0;
            case STANDBY -> Double.NaN;
        };
    }

    private static void gauge(
            MeterRegistry meters,
            Mirrors mirrors,
            String mirror,
            String name,
            String description,
            ToDoubleFunction<MirrorStatus> value) {
        Gauge.builder(name, mirrors, all -> of(all, mirror, value))
                .tag(TAG, mirror)
                .description(description)
                .register(meters);
    }

    private static void counter(
            MeterRegistry meters,
            Mirrors mirrors,
            String mirror,
            String name,
            String description,
            ToDoubleFunction<MirrorStatus> value) {
        FunctionCounter.builder(name, mirrors, all -> of(all, mirror, value))
                .tag(TAG, mirror)
                .description(description)
                .register(meters);
    }

    private static double of(Mirrors mirrors, String mirror, ToDoubleFunction<MirrorStatus> value) {
        return mirrors.status(mirror).map(value::applyAsDouble).orElse(Double.NaN);
    }
}
