package io.penstock.app;

import io.penstock.alert.AlertFanoutTopology;
import io.penstock.capture.CaptureTopology;
import io.penstock.catalog.CatalogTopology;
import io.penstock.chat.ChatTopology;
import io.penstock.enrich.EnrichmentTopology;
import io.penstock.ingest.VectorIngestionTopology;
import io.penstock.kafka.Topics;
import io.penstock.query.StoreDefinition;
import io.penstock.run.RunsTopology;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.stage.PendingDescription;
import io.penstock.vector.VectorIndexTopology;
import java.util.List;
import java.util.Locale;
import org.apache.avro.specific.SpecificRecord;

/** The stores that can be read over HTTP. */
final class Stores {
    private static final String PENDING = "pending";

    private Stores() {}

    static List<StoreDefinition> definitions(AvroSerdes serdes) {
        return List.of(
                table(Topics.CATALOG, serdes.codec(CatalogEntry.class)),
                table(Topics.PROCESSORS, serdes.codec(ProcessorEntry.class)),
                records(AlertFanoutTopology.SEEN_ALERTS, AlertFanoutTopology.NAME),
                records(AlertFanoutTopology.WAITING_ALERTS, AlertFanoutTopology.NAME),
                records(RunsTopology.RUN_ITEMS, RunsTopology.NAME),
                records(RunsTopology.RUNS, RunsTopology.NAME),
                records(ScheduleTopology.SCHEDULE, ScheduleTopology.NAME),
                records(EnrichmentTopology.ENRICHED_STORE, EnrichmentTopology.NAME),
                records(VectorIngestionTopology.RECORDS, VectorIngestionTopology.NAME),
                records(VectorIngestionTopology.LEDGER, VectorIngestionTopology.NAME),
                records(VectorIndexTopology.STORE, VectorIndexTopology.NAME),
                records(ChatTopology.CONVERSATIONS, ChatTopology.NAME),
                pending(CaptureTopology.NAME),
                pending(EnrichmentTopology.NAME),
                pending(VectorIngestionTopology.NAME),
                pending(ChatTopology.NAME));
    }

    private static StoreDefinition records(String store, String topology) {
        return new StoreDefinition(store, topology, false, false, key -> key, String::valueOf, value -> value);
    }

    /** The keys of a pending store are slots, which are used again; as text they have the order that they have as numbers. */
    private static StoreDefinition pending(String topology) {
        return new StoreDefinition(
                PENDING,
                topology,
                false,
                true,
                Stores::slot,
                slot -> String.format(Locale.ROOT, "%09d", (Integer) slot),
                PendingDescription::of);
    }

    private static Object slot(String key) {
        return key.matches("[0-9]{1,9}") ? Integer.parseInt(key) : key.isEmpty() ? 0 : Integer.MAX_VALUE;
    }

    /** A table keeps bytes, because a restore puts them there without asking anyone. */
    private static <T extends SpecificRecord> StoreDefinition table(String store, AvroCodec<T> codec) {
        return new StoreDefinition(
                store,
                CatalogTopology.NAME,
                true,
                false,
                key -> key,
                String::valueOf,
                value -> codec.decode((byte[]) value));
    }
}
