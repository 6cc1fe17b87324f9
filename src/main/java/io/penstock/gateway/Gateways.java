package io.penstock.gateway;

import io.penstock.catalog.CatalogView;
import io.penstock.processor.ProcessorView;
import io.penstock.query.StoreQueries;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.Fence;
import io.penstock.schema.Inference;
import io.penstock.schema.ReplayedLetters;
import io.penstock.serde.AvroSerdes;
import io.penstock.table.GlobalTable;
import io.penstock.table.TableWriter;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** Puts the parts of the gateway together. */
public final class Gateways {
    private Gateways() {}

    /**
     * @param producer an idempotent producer
     * @param consumers makes consumers without a group that read committed records
     */
    public static Deletions deletions(
            CatalogView catalog,
            TableWriter<CatalogEntry> entries,
            Producer<byte[], byte[]> producer,
            Supplier<Consumer<byte[], byte[]>> consumers,
            TopicResources resources,
            AvroSerdes serdes,
            InstantSource clock) {
        return new Deletions(catalog, entries, new Fences(producer, consumers, serdes), resources, clock);
    }

    /**
     * @param consumers makes consumers without a group that read committed records
     * @param newest what is known of a record id by now
     * @param topologies that have dead letters
     */
    public static ReplayGateway replays(
            Supplier<Consumer<byte[], byte[]>> consumers,
            GlobalTable<ReplayedLetters> marks,
            TableWriter<ReplayedLetters> writer,
            CatalogView catalog,
            Function<String, Optional<Inference>> newest,
            AvroSerdes serdes,
            Collection<String> topologies) {
        return new ReplayGateway(
                consumers, marks, writer, new ReplayRules(catalog, newest, serdes), Set.copyOf(topologies));
    }

    /**
     * @param producer an idempotent producer
     * @param consumers makes consumers without a group that read committed records
     */
    public static RecordGateway records(
            Producer<byte[], byte[]> producer,
            Supplier<Consumer<byte[], byte[]>> consumers,
            CatalogView catalog,
            AvroSerdes serdes) {
        return new RecordGateway(producer, consumers, catalog, serdes, CatalogGateway.DELETION_PATIENCE);
    }

    /** @param cancelled writes which runs are cancelled, where every capture sees it */
    public static RunGateway runs(
            Transactions transactions,
            TableWriter<Fence> cancelled,
            StoreQueries stores,
            CatalogView catalog,
            ProcessorView processors,
            AvroSerdes serdes,
            InstantSource clock) {
        return new RunGateway(transactions, cancelled, stores, new RetryPlan.Maker(catalog, processors), serdes, clock);
    }

    /** What looks after leftovers, not yet started. */
    public static Upkeep upkeep(
            CatalogView catalog,
            TableWriter<CatalogEntry> entries,
            CatalogGateway gateway,
            Deletions deletions,
            KafkaTopicResources resources) {
        return new Upkeep(catalog, entries, gateway, deletions, resources);
    }
}
