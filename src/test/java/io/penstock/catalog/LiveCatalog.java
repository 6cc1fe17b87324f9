package io.penstock.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.Topics;
import io.penstock.schema.CatalogEntry;
import io.penstock.serde.AvroSerdes;
import io.penstock.table.ChangeSignal;
import io.penstock.table.GlobalTable;
import io.penstock.table.TableWriter;
import io.penstock.topology.DrivenTopology;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** The catalog's own topology on the test driver, with a writer whose records arrive at once. May be used from any thread. */
public final class LiveCatalog implements AutoCloseable {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

    public final ChangeSignal changes = new ChangeSignal();
    public final CatalogTable view;
    public final TableWriter<CatalogEntry> writer;

    private final DrivenTopology driven;
    private long sent;

    public LiveCatalog(AvroSerdes serdes) {
        driven = new DrivenTopology(
                serdes,
                new CatalogTopology(changes, new ChangeSignal(), new ChangeSignal(), new ChangeSignal()).build(),
                START);
        GlobalTable<CatalogEntry> table = new GlobalTable<>(
                Topics.CATALOG, serdes.codec(CatalogEntry.class), () -> driven.<byte[]>store(Topics.CATALOG));
        view = new CatalogTable(table);
        writer = new TableWriter<>(Topics.CATALOG, serdes.codec(CatalogEntry.class), _ -> new Piped(), table, changes);
    }

    /** A record as somebody else may have written it. */
    public synchronized void send(@Nullable String key, byte @Nullable [] value) {
        driven.send(Topics.CATALOG, key, value, START, new RecordHeaders());
        sent++;
    }

    @Override
    public void close() {
        writer.close();
        driven.close();
    }

    private final class Piped extends MockProducer<byte[], byte[]> {
        @Override
        public synchronized Future<RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
            synchronized (LiveCatalog.this) {
                LiveCatalog.this.send(new String(record.key(), UTF_8), record.value());
                return CompletableFuture.completedFuture(
                        new RecordMetadata(new TopicPartition(record.topic(), 0), sent - 1, 0, 0, 0, 0));
            }
        }
    }
}
