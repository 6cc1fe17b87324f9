package io.penstock.stage;

import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a task from fetching more than it can hold. Closed when the stage is full, opened when it has room again; what Kafka Streams
 * has fetched by then still comes, and becomes pending beyond the bound.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class IntakeGate {
    private final @Nullable Intake intake;
    private final int capacity;
    private final int roomyAt;
    private final Set<TopicPartition> sources = new HashSet<>();
    private boolean closed;

    /** @param intake null where it cannot be paused */
    IntakeGate(@Nullable Intake intake, StageOptions options) {
        this.intake = intake;
        this.capacity = options.capacity();
        this.roomyAt = options.roomyAt();
    }

    /** A record came from there. */
    void seen(RecordMetadata origin) {
        if (intake == null) {
            return;
        }
        intake.arrived(origin);
        TopicPartition source = new TopicPartition(origin.topic(), origin.partition());
        if (sources.add(source) && closed) {
            intake.hold(Set.of(source), this);
        }
    }

    /** Whether closing it has an effect. */
    boolean canPause() {
        return intake != null && !sources.isEmpty();
    }

    boolean isClosed() {
        return closed;
    }

    void update(int pending) {
        if (intake == null) {
            return;
        }
        if (!closed && pending >= capacity && canPause()) {
            closed = true;
            intake.hold(sources, this);
        } else if (closed && pending <= roomyAt) {
            open();
        }
    }

    void open() {
        if (closed && intake != null) {
            closed = false;
            intake.release(this);
        }
    }
}
