package io.penstock.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.Topics;
import io.penstock.processor.ProcessorTable;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.serde.AvroSerdes;
import io.penstock.table.ChangeSignal;
import io.penstock.table.GlobalTable;
import io.penstock.table.TableWriter;
import io.penstock.topology.DrivenTopology;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** The topology of catalog and processors on the test driver, with writers whose records arrive at once. May be used from any thread. */
public final class LiveCatalog implements AutoCloseable {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

    public final ChangeSignal changes = new ChangeSignal();
    public final CatalogTable view;
    public final TableWriter<CatalogEntry> writer;
    public final ProcessorTable processors;
    public final TableWriter<ProcessorEntry> processorWriter;

    private final DrivenTopology driven;
    private final Map<String, Long> sent = new HashMap<>();

    public LiveCatalog(AvroSerdes serdes) {
        ChangeSignal processorChanges = new ChangeSignal();
        driven = new DrivenTopology(
                serdes,
                new CatalogTopology(changes, processorChanges, new ChangeSignal(), new ChangeSignal()).build(),
                START);
        GlobalTable<CatalogEntry> table = new GlobalTable<>(
                Topics.CATALOG, serdes.codec(CatalogEntry.class), () -> driven.<byte[]>store(Topics.CATALOG));
        view = new CatalogTable(table);
        writer = new TableWriter<>(Topics.CATALOG, serdes.codec(CatalogEntry.class), _ -> new Piped(), table, changes);
        GlobalTable<ProcessorEntry> processorTable = new GlobalTable<>(
                Topics.PROCESSORS, serdes.codec(ProcessorEntry.class), () -> driven.<byte[]>store(Topics.PROCESSORS));
        processors = new ProcessorTable(processorTable);
        processorWriter = new TableWriter<>(
                Topics.PROCESSORS,
                serdes.codec(ProcessorEntry.class),
                _ -> new Piped(),
                processorTable,
                processorChanges);
    }

    /** A record as somebody else may have written it. */
    public void send(@Nullable String key, byte @Nullable [] value) {
        long _ = send(Topics.CATALOG, key, value);
    }

    /** The record's offset. */
    private synchronized long send(String topic, @Nullable String key, byte @Nullable [] value) {
        driven.send(topic, key, value, START, new RecordHeaders());
        return sent.merge(topic, 1L, Long::sum) - 1;
    }

    @Override
    public void close() {
        writer.close();
        processorWriter.close();
        driven.close();
    }

    private final class Piped extends MockProducer<byte[], byte[]> {
        @Override
        public synchronized Future<RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
            long offset = LiveCatalog.this.send(record.topic(), new String(record.key(), UTF_8), record.value());
            return CompletableFuture.completedFuture(
                    new RecordMetadata(new TopicPartition(record.topic(), 0), offset, 0, 0, 0, 0));
        }
    }
}
