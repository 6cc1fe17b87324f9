package io.penstock.alert;

import io.penstock.alert.AlertPlan.Target;
import io.penstock.alert.AlertPlan.TopicPlan;
import io.penstock.alert.AlertPlan.Unknown;
import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.processor.ProcessorView;
import io.penstock.run.RunEvents;
import io.penstock.schema.Alert;
import io.penstock.schema.AlertRejection;
import io.penstock.schema.RunEvent;
import io.penstock.schema.SeenAlert;
import io.penstock.schema.SegmentAlert;
import io.penstock.schema.WaitingAlert;
import io.penstock.serde.Decoded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Takes each alert id once, and splits the alert into one order per segment. An alert that names something not known yet waits,
 * because whoever published it may have created the topic a moment before on another instance; after {@link #PATIENCE} what is
 * still unknown is rejected and the rest goes on.
 */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class AlertFanout implements Processor<String, Decoded<Alert>, Object, Object> {
    static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration RETRY_EVERY = Duration.ofMillis(100);
    private static final Duration REMEMBER = Duration.ofDays(7);
    private static final Duration FORGET_EVERY = Duration.ofHours(1);

    private final CatalogView catalog;
    private final ProcessorView processors;

    private ProcessorContext<Object, Object> context;
    private KeyValueStore<String, SeenAlert> seen;
    private KeyValueStore<String, WaitingAlert> waiting;
    private @Nullable Cancellable retry;
    private long forgotAtMs;

    AlertFanout(CatalogView catalog, ProcessorView processors) {
        this.catalog = catalog;
        this.processors = processors;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        seen = context.getStateStore(AlertFanoutTopology.SEEN_ALERTS);
        waiting = context.getStateStore(AlertFanoutTopology.WAITING_ALERTS);
        retry = null;
        forgotAtMs = context.currentSystemTimeMs();
        try (KeyValueIterator<String, WaitingAlert> left = waiting.all()) {
            if (left.hasNext()) {
                retryLater();
            }
        }
    }

    @Override
    public void process(Record<String, Decoded<Alert>> record) {
        String alertId = record.key();
        Instant now = now();
        // By wall clock and in a key-value store: a record from the future must not make a window store forget the
        // present.
        Alert alert = record.value().value();
        SeenAlert before = seen.get(alertId);
        if (before != null) {
            if (!AlertOrder.isOf(before, alert.getTopic(), alert.getSegmentTargets())) {
                refuseOther(alertId, alert, now);
            }
            return;
        }
        seen.put(
                alertId,
                SeenAlert.newBuilder()
                        .setSeenAt(now)
                        .setOrder(AlertOrder.fingerprint(alert.getTopic(), alert.getSegmentTargets()))
                        .build());
        forgetOld(now);
        AlertPlan plan = AlertPlan.of(alert.getTopic(), alert.getSegmentTargets(), catalog);
        if (plan.isKnown() && isServed(plan)) {
            emit(alertId, alert, plan, now);
        } else {
            waiting.put(alertId, new WaitingAlert(alertId, alert, now));
            retryLater();
        }
    }

    /**
     * An id that stands for another order sets off nothing, and says so. A gateway that did not know of the first order yet may
     * have accepted this one; the run it told must end, unless it is the first order's own.
     */
    private void refuseOther(String alertId, Alert alert, Instant now) {
        String code = ErrorCode.IDEMPOTENCY_CONFLICT.code();
        String reason = "The alert id '" + alertId + "' stands for another collection; use a new one for a new order.";
        forward(
                alertId,
                AlertRejection.newBuilder()
                        .setAlertId(alertId)
                        .setTopic(alert.getTopic())
                        .setSegmentTargets(alert.getSegmentTargets())
                        .setCode(code)
                        .setReason(reason)
                        .setAt(now)
                        .build(),
                now,
                AlertFanoutTopology.REJECTED_SINK);
        Set<String> firstRuns = runsOfWaiting(alertId);
        for (TopicPlan topic : AlertPlan.of(alert.getTopic(), alert.getSegmentTargets(), catalog)
                .topics()) {
            if (!firstRuns.contains(topic.runId(alertId))) {
                report(RunEvents.failed(topic.runId(alertId), null, code, reason, now));
            }
        }
    }

    /** Runs that are not fanned out yet and will be; those that are do not take the refusal of another order for theirs. */
    private Set<String> runsOfWaiting(String alertId) {
        WaitingAlert first = waiting.get(alertId);
        return first == null
                ? Set.of()
                : AlertPlan.of(first.getAlert().getTopic(), first.getAlert().getSegmentTargets(), catalog)
                        .topics()
                        .stream()
                        .map(topic -> topic.runId(alertId))
                        .collect(Collectors.toSet());
    }

    private boolean isServed(AlertPlan plan) {
        return plan.topics().stream()
                .allMatch(topic -> topic.segments().stream()
                        .noneMatch(segment ->
                                processors.serving(topic.topic(), segment).isEmpty()));
    }

    /** Only while something waits: each firing is a transaction. */
    private void retryLater() {
        if (retry == null) {
            retry = context.schedule(RETRY_EVERY, PunctuationType.WALL_CLOCK_TIME, time -> retryWaiting());
        }
    }

    private void retryWaiting() {
        Instant now = now();
        List<KeyValue<String, WaitingAlert>> entries = new ArrayList<>();
        try (KeyValueIterator<String, WaitingAlert> all = waiting.all()) {
            all.forEachRemaining(entries::add);
        }
        int left = entries.size();
        for (KeyValue<String, WaitingAlert> entry : entries) {
            Alert alert = entry.value.getAlert();
            AlertPlan plan = AlertPlan.of(alert.getTopic(), alert.getSegmentTargets(), catalog);
            boolean over = !now.isBefore(entry.value.getSince().plus(PATIENCE));
            if (over || (plan.isKnown() && isServed(plan))) {
                waiting.delete(entry.key);
                emit(entry.key, alert, plan, now);
                left--;
            }
        }
        if (left == 0 && retry != null) {
            retry.cancel();
            retry = null;
        }
    }

    private void emit(String alertId, Alert alert, AlertPlan plan, Instant now) {
        for (TopicPlan topic : plan.topics()) {
            String runId = topic.runId(alertId);
            if (!topic.targets().isEmpty()) {
                for (Target target : topic.targets()) {
                    forward(
                            runId + "/" + target.segment(),
                            segmentAlert(runId, alertId, alert, topic, target, now),
                            now,
                            AlertFanoutTopology.SEGMENT_SINK);
                }
                report(RunEvents.ofLife(
                        RunEvents.fannedOut(runId, alertId, topic.topic(), topic.segments(), now),
                        topic.incarnation()));
            }
            if (!topic.unknown().isEmpty()) {
                reject(alertId, topic, now);
            }
        }
    }

    private static SegmentAlert segmentAlert(
            String runId, String alertId, Alert alert, TopicPlan topic, Target target, Instant now) {
        return SegmentAlert.newBuilder()
                .setRunId(runId)
                .setAlertId(alertId)
                .setTopic(topic.topic())
                .setSegment(target.segment())
                .setIncarnation(target.incarnation())
                .setRequestedAt(alert.getRequestedAt() == null ? now : alert.getRequestedAt())
                .setRequestedBy(alert.getRequestedBy())
                .build();
    }

    private void reject(String alertId, TopicPlan topic, Instant now) {
        Map<String, List<Unknown>> byCode = topic.unknown().stream()
                .collect(Collectors.groupingBy(unknown -> unknown.code().code()));
        byCode.forEach((code, refused) -> forward(
                alertId,
                AlertRejection.newBuilder()
                        .setAlertId(alertId)
                        .setTopic(topic.topic())
                        .setSegmentTargets(
                                refused.stream().map(Unknown::segment).toList())
                        .setCode(code)
                        .setReason(refused.getFirst().reason())
                        .setAt(now)
                        .build(),
                now,
                AlertFanoutTopology.REJECTED_SINK));
        if (topic.targets().isEmpty()) {
            // The gateway may have accepted the alert and reported a run; that run must end. A gateway accepts only
            // what
            // exists, so what is unknown now was deleted since. For any other alert there is no run, and the event
            // finds
            // none.
            report(RunEvents.topicDeleted(topic.runId(alertId), topic.topic(), now));
        }
    }

    private void report(RunEvent event) {
        forward(event.getRunId(), event, event.getAt(), AlertFanoutTopology.RUN_EVENT_SINK);
    }

    private void forward(String key, Object value, Instant at, String child) {
        context.forward(new Record<Object, Object>(key, value, at.toEpochMilli()), child);
    }

    private void forgetOld(Instant now) {
        if (now.toEpochMilli() - forgotAtMs < FORGET_EVERY.toMillis()) {
            return;
        }
        forgotAtMs = now.toEpochMilli();
        List<String> old = new ArrayList<>();
        try (KeyValueIterator<String, SeenAlert> all = seen.all()) {
            all.forEachRemaining(entry -> {
                if (entry.value.getSeenAt().plus(REMEMBER).isBefore(now)) {
                    old.add(entry.key);
                }
            });
        }
        old.forEach(seen::delete);
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
