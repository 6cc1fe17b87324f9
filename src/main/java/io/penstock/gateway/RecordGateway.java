package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.ingest.VectorIngestionTopology;
import io.penstock.kafka.Topics;
import io.penstock.record.DeletionOrder;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.FenceAck;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.vector.VectorIndexTopology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.utils.Utils;

/**
 * Deletes single records. The order begins its way where records do, on {@code raw}: enrichment forgets the record, so that it is
 * new when it is collected again, and tombstones it on {@code inference}, behind whatever is pending of it. May be used from any
 * thread.
 */
public final class RecordGateway {
    private final Producer<byte[], byte[]> producer;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final CatalogView catalog;
    private final AvroCodec<FenceAck> acks;
    private final Duration patience;

    /** @param patience how long a deletion is waited for before the caller hears that it is still under way */
    RecordGateway(
            Producer<byte[], byte[]> producer,
            Supplier<Consumer<byte[], byte[]>> consumers,
            CatalogView catalog,
            AvroSerdes serdes,
            Duration patience) {
        this.producer = producer;
        this.consumers = consumers;
        this.catalog = catalog;
        this.acks = serdes.codec(FenceAck.class);
        this.patience = patience;
    }

    /**
     * What became of an order.
     *
     * @param chunks how many chunks of each record are gone, by record id
     * @param isDone whether all is gone, also from the index; else it will be
     */
    public record Deleted(Map<String, Long> chunks, boolean isDone) {}

    /**
     * Deletes records of a segment, and returns when they are gone or it takes too long.
     *
     * @param recordIds of records of the segment, which need not exist
     * @throws PenstockException {@code topic.deleting}, {@code not-ready}: then they may be deleted or not
     */
    public Deleted delete(String topic, String segment, Collection<String> recordIds) throws InterruptedException {
        requireActive(topic, segment);
        long deadline = System.nanoTime() + patience.toNanos();
        try (AckReader reader = new AckReader(consumers.get(), acks)) {
            reader.beginNow();
            Map<String, String> orders = new HashMap<>();
            for (String recordId : recordIds) {
                orders.put(UUID.randomUUID().toString(), recordId);
            }
            send(topic, orders);
            return await(orders, reader, deadline);
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    private void requireActive(String topic, String segment) {
        if (catalog.segment(topic, segment)
                .map(CatalogEntry::getIncarnation)
                .filter(life -> catalog.isCurrent(topic, segment, life))
                .isEmpty()) {
            throw new PenstockException(
                    ErrorCode.TOPIC_DELETING,
                    "The segment '" + segment + "' of '" + topic
                            + "' is being deleted, and all of its records with it.");
        }
    }

    /**
     * Records of others need not lie in the partition that their id names, and enrichment remembers them where they lie: so every
     * partition hears of the order, but only one passes it on.
     */
    private void send(String topic, Map<String, String> orders) throws InterruptedException {
        String kafkaTopic = Topics.raw(topic);
        int partitions = producer.partitionsFor(kafkaTopic).size();
        List<Future<?>> sent = new ArrayList<>();
        orders.forEach((order, recordId) -> {
            byte[] key = recordId.getBytes(UTF_8);
            int own = Utils.toPositive(Utils.murmur2(key)) % partitions;
            for (int partition = 0; partition < partitions; partition++) {
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(kafkaTopic, partition, key, null);
                if (partition == own) {
                    record.headers().add(DeletionOrder.HEADER, order.getBytes(UTF_8));
                } else {
                    record.headers().add(DeletionOrder.FORGET_ONLY, new byte[0]);
                }
                sent.add(producer.send(record));
            }
        });
        for (Future<?> record : sent) {
            try {
                record.get();
            } catch (ExecutionException e) {
                throw failed(e);
            }
        }
    }

    private static PenstockException failed(Exception cause) {
        return new PenstockException(
                ErrorCode.NOT_READY, "The deletion could not be ordered whole; delete again.", cause);
    }

    private static Deleted await(Map<String, String> orders, AckReader reader, long deadline)
            throws InterruptedException {
        Map<String, Long> chunks = new TreeMap<>();
        Set<String> searchable = new HashSet<>(orders.keySet());
        while (!searchable.isEmpty() && System.nanoTime() < deadline) {
            for (FenceAck ack : reader.poll()) {
                String recordId = orders.get(ack.getFenceId());
                if (recordId == null) {
                    continue;
                }
                if (ack.getStage().equals(VectorIngestionTopology.NAME)) {
                    chunks.put(recordId, ack.getRemoved());
                    if (ack.getRemoved() == 0) {
                        searchable.remove(ack.getFenceId()); // the index will not hear of it
                    }
                } else if (ack.getStage().equals(VectorIndexTopology.NAME)) {
                    searchable.remove(ack.getFenceId());
                }
            }
        }
        return new Deleted(chunks, searchable.isEmpty());
    }
}
