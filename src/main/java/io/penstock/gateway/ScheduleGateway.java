package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.query.StoreQueries;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.serde.AvroCodec;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Stores, changes and removes schedules that come over HTTP, and answers once the topology that fires them has the change. */
public final class ScheduleGateway {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private final StoreQueries stores;
    private final CatalogView catalog;
    private final Producer<byte[], byte[]> producer;
    private final AvroCodec<ScheduleEntry> codec;

    /** @param producer an idempotent producer */
    public ScheduleGateway(
            StoreQueries stores,
            CatalogView catalog,
            Producer<byte[], byte[]> producer,
            AvroCodec<ScheduleEntry> codec) {
        this.stores = stores;
        this.catalog = catalog;
        this.producer = producer;
        this.codec = codec;
    }

    /** @throws PenstockException {@code not-ready} */
    public Optional<ScheduleMark> find(String id) {
        return stores.get(ScheduleTopology.SCHEDULE, id).map(ScheduleMark.class::cast);
    }

    /**
     * Stores a schedule. What is left out of a change stays as it was. One that would be refused for what it collects may still be
     * turned off.
     *
     * @param body {@code schedule}, {@code time_zone}, {@code jitter}, {@code enabled}, and either {@code targets} or {@code topic} and
     *     {@code segment_targets}
     * @throws PenstockException {@code config.invalid}, {@code name.invalid}, or what a collection of the same would be refused with:
     *     then nothing is stored; {@code not-ready}
     */
    public ScheduleMark put(String id, JsonNode body) throws InterruptedException {
        ScheduleEntry stored = ScheduleOrder.entry(id, find(id).map(ScheduleMark::getEntry), body, catalog);
        send(id, stored);
        return stores.await(
                        ScheduleTopology.SCHEDULE,
                        id,
                        mark -> ((ScheduleMark) mark).getEntry().equals(stored),
                        PATIENCE)
                .map(ScheduleMark.class::cast)
                .filter(mark -> mark.getEntry().equals(stored))
                .orElseThrow(() -> notSeen(id));
    }

    /** @throws PenstockException {@code not-ready} */
    public void delete(String id) throws InterruptedException {
        send(id, null);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (find(id).isPresent()) {
            if (System.nanoTime() > deadline) {
                throw notSeen(id);
            }
            Thread.sleep(LOOK_EVERY);
        }
    }

    private void send(String id, @Nullable ScheduleEntry entry) throws InterruptedException {
        byte[] value = entry == null ? null : codec.encode(Topics.SCHEDULE, entry);
        try {
            producer.send(new ProducerRecord<>(Topics.SCHEDULE, id.getBytes(UTF_8), value))
                    .get();
        } catch (ExecutionException | KafkaException e) {
            throw new PenstockException(
                    ErrorCode.NOT_READY, "The schedule '" + id + "' could not be written; try again.", e);
        }
    }

    private static PenstockException notSeen(String id) {
        return new PenstockException(
                ErrorCode.NOT_READY,
                "The change of the schedule '" + id + "' was written, but is not seen yet; ask again for the same.");
    }
}
