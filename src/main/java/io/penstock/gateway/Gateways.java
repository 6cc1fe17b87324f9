package io.penstock.gateway;

import io.penstock.catalog.CatalogView;
import io.penstock.schema.CatalogEntry;
import io.penstock.serde.AvroSerdes;
import io.penstock.table.TableWriter;
import java.time.InstantSource;
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
