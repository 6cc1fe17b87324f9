package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.alert.AlertPlan;
import io.penstock.alert.AlertPlan.TopicPlan;
import io.penstock.alert.AlertPlan.Unknown;
import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.run.RunEvents;
import io.penstock.schema.Alert;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes collections: publishes the alerts and reports their runs as accepted in one transaction, so that whoever was told a run id
 * finds the run.
 */
public final class CollectGateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CollectGateway.class);

    private final CatalogView catalog;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final AvroCodec<Alert> alerts;
    private final AvroCodec<RunEvent> events;
    private final InstantSource clock;
    private @Nullable Producer<byte[], byte[]> producer;

    /** @param producers makes a transactional producer, not yet initialised */
    public CollectGateway(
            CatalogView catalog, Supplier<Producer<byte[], byte[]>> producers, AvroSerdes serdes, InstantSource clock) {
        this.catalog = catalog;
        this.producers = producers;
        this.alerts = serdes.codec(Alert.class);
        this.events = serdes.codec(RunEvent.class);
        this.clock = clock;
    }

    /** One of the collections a caller asked for. */
    public record Collection(String topic, List<String> segments) {}

    /** A run that was set off. */
    public record AcceptedRun(String runId, String alertId, String topic, List<String> segments) {}

    private record Order(Alert alert, AlertPlan plan) {
        private String id() {
            return String.valueOf(alert.getAlertId());
        }
    }

    /**
     * Publishes one alert per collection.
     *
     * @param idempotencyKey becomes the alert id, so that the same order twice is one run
     * @throws PenstockException {@code topic.unknown}, {@code segment.unknown}, {@code topic.deleting}: then nothing is published
     */
    public List<AcceptedRun> collect(
            List<Collection> collections, Optional<String> idempotencyKey, String requestedBy) {
        Instant now = clock.instant();
        String id = idempotencyKey.orElseGet(() -> UUID.randomUUID().toString());
        List<Order> orders = new ArrayList<>();
        List<AcceptedRun> runs = new ArrayList<>();
        for (int i = 0; i < collections.size(); i++) {
            Collection collection = collections.get(i);
            String alertId = alertId(id, i, collections.size());
            AlertPlan plan = AlertPlan.of(collection.topic(), collection.segments(), catalog);
            refuseUnknown(plan);
            orders.add(new Order(
                    Alert.newBuilder()
                            .setAlertId(alertId)
                            .setTopic(collection.topic())
                            .setSegmentTargets(collection.segments())
                            .setRequestedAt(now)
                            .setRequestedBy(requestedBy)
                            .build(),
                    plan));
            for (TopicPlan topic : plan.topics()) {
                runs.add(new AcceptedRun(topic.runId(alertId), alertId, topic.topic(), topic.segments()));
            }
        }
        publish(orders, now);
        return runs;
    }

    /** The id of one of several alerts under one key. */
    public static String alertId(String key, int index, int count) {
        return count == 1 ? key : key + "#" + index;
    }

    private static void refuseUnknown(AlertPlan plan) {
        for (TopicPlan topic : plan.topics()) {
            for (Unknown unknown : topic.unknown()) {
                throw new PenstockException(unknown.code(), unknown.reason());
            }
        }
    }

    private void publish(List<Order> orders, Instant now) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (Order order : orders) {
            records.add(new ProducerRecord<>(
                    Topics.ALERT, order.id().getBytes(UTF_8), alerts.encode(Topics.ALERT, order.alert())));
        }
        for (Order order : orders) {
            for (TopicPlan topic : order.plan().topics()) {
                String runId = topic.runId(order.id());
                RunEvent accepted = RunEvents.ofLife(
                        RunEvents.accepted(runId, order.id(), topic.topic(), topic.segments(), now),
                        topic.incarnation());
                records.add(new ProducerRecord<>(
                        Topics.RUN_EVENT, runId.getBytes(UTF_8), events.encode(Topics.RUN_EVENT, accepted)));
            }
        }
        commit(records);
    }

    private synchronized void commit(List<ProducerRecord<byte[], byte[]>> records) {
        try {
            Producer<byte[], byte[]> current = producer;
            if (current == null) {
                current = producers.get();
                producer = current;
                current.initTransactions();
            }
            current.beginTransaction();
            for (ProducerRecord<byte[], byte[]> record : records) {
                var _ = current.send(record); // a failed send fails the commit
            }
            current.commitTransaction();
        } catch (KafkaException | IllegalStateException e) {
            // Whatever state the producer is in, the next call begins with a new one of the same transactional id,
            // whose
            // start ends the transaction that this one may have left open.
            close();
            LOG.warn("A collection could not be published", e);
            throw new PenstockException(
                    ErrorCode.NOT_READY,
                    "The collection could not be published; ask again with the same Idempotency-Key.",
                    e);
        }
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(java.time.Duration.ofSeconds(2));
            producer = null;
        }
    }
}
