package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.alert.AlertPlan;
import io.penstock.alert.AlertPlan.TopicPlan;
import io.penstock.alert.AlertPlan.Unknown;
import io.penstock.catalog.CatalogView;
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
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Takes collections: publishes the alerts and reports their runs as accepted in one transaction, so that whoever was told a run id
 * finds the run.
 */
public final class CollectGateway {
    private final CatalogView catalog;
    private final Transactions transactions;
    private final AvroCodec<Alert> alerts;
    private final AvroCodec<RunEvent> events;
    private final InstantSource clock;

    public CollectGateway(CatalogView catalog, Transactions transactions, AvroSerdes serdes, InstantSource clock) {
        this.catalog = catalog;
        this.transactions = transactions;
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
        transactions.commit(records, "The collection could not be published; ask again with the same Idempotency-Key.");
    }
}
