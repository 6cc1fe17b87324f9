package io.penstock.gateway;

import io.penstock.catalog.CatalogView;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroSerdes;
import io.penstock.table.TableWriter;
import java.time.InstantSource;
import java.util.List;
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
     * @param running the ids of the runs of a topic that have not ended
     */
    public static Deletions deletions(
            CatalogView catalog,
            TableWriter<CatalogEntry> entries,
            Producer<byte[], byte[]> producer,
            Supplier<Consumer<byte[], byte[]>> consumers,
            TopicResources resources,
            AvroSerdes serdes,
            Function<String, List<String>> running,
            InstantSource clock) {
        return new Deletions(
                catalog,
                entries,
                new Fences(producer, consumers, serdes),
                resources,
                producer,
                serdes.codec(RunEvent.class),
                running,
                clock);
    }
}
