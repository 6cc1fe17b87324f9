package io.penstock.app;

import io.penstock.alert.AlertFanoutTopology;
import io.penstock.capture.CaptureTopology;
import io.penstock.capture.ResponseMemory;
import io.penstock.catalog.CatalogTopology;
import io.penstock.chat.ChatTopology;
import io.penstock.chat.ConversationSummary;
import io.penstock.enrich.EnrichmentTopology;
import io.penstock.ingest.VectorIngestionTopology;
import io.penstock.kafka.Topics;
import io.penstock.query.StoreDefinition;
import io.penstock.query.StoreHome;
import io.penstock.query.ValueFormat;
import io.penstock.run.RunOrder;
import io.penstock.run.RunsTopology;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.Chunk;
import io.penstock.schema.Conversation;
import io.penstock.schema.EnrichedMark;
import io.penstock.schema.Fence;
import io.penstock.schema.Inference;
import io.penstock.schema.LedgerEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ReplayedLetters;
import io.penstock.schema.Run;
import io.penstock.schema.RunItem;
import io.penstock.schema.ScheduleMark;
import io.penstock.schema.SeenAlert;
import io.penstock.schema.WaitingAlert;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.stage.PendingDescription;
import io.penstock.vector.VectorIndexTopology;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;

/** The stores that can be read over HTTP. */
final class Stores {
    private static final String PENDING = "pending";

    private Stores() {}

    /**
     * @param partitions of the Kafka topics that carry data
     * @param enrichments the instances of the enrichment that there should be now
     */
    static List<StoreDefinition> definitions(AvroSerdes serdes, int partitions, Supplier<Set<String>> enrichments) {
        StoreHome fanout = StoreHome.of(AlertFanoutTopology.NAME, partitions);
        StoreHome runs = StoreHome.of(RunsTopology.NAME, partitions);
        StoreHome schedule = StoreHome.of(ScheduleTopology.NAME, 1);
        StoreHome capture = StoreHome.of(CaptureTopology.NAME, partitions);
        StoreHome enrichment = new StoreHome(EnrichmentTopology.NAME, enrichments, partitions);
        StoreHome ingestion = StoreHome.of(VectorIngestionTopology.NAME, partitions);
        StoreHome index = StoreHome.of(VectorIndexTopology.NAME, partitions);
        StoreHome chat = StoreHome.of(ChatTopology.NAME, partitions);
        return List.of(
                table(Topics.CATALOG, CatalogEntry.class, serdes),
                table(Topics.PROCESSORS, ProcessorEntry.class, serdes),
                table(Topics.CANCELLED, Fence.class, serdes),
                table(Topics.REPLAYED, ReplayedLetters.class, serdes),
                records(AlertFanoutTopology.SEEN_ALERTS, fanout, SeenAlert.class, serdes),
                records(AlertFanoutTopology.WAITING_ALERTS, fanout, WaitingAlert.class, serdes),
                records(RunsTopology.RUN_ITEMS, runs, RunItem.class, serdes),
                records(RunsTopology.RUNS, runs, Run.class, serdes),
                runsByTime(runs),
                records(ScheduleTopology.SCHEDULE, schedule, ScheduleMark.class, serdes),
                records(EnrichmentTopology.ENRICHED_STORE, enrichment, EnrichedMark.class, serdes),
                records(VectorIngestionTopology.RECORDS, ingestion, Inference.class, serdes),
                records(VectorIngestionTopology.LEDGER, ingestion, LedgerEntry.class, serdes),
                records(VectorIndexTopology.STORE, index, Chunk.class, serdes),
                records(ChatTopology.CONVERSATIONS, chat, Conversation.class, serdes)
                        .withView(
                                ConversationSummary.VIEW,
                                value -> ConversationSummary.of((Conversation) value),
                                ValueFormat.plain()),
                responses(capture),
                pending(PENDING, capture),
                pending(PENDING, enrichment),
                pending(PENDING, ingestion),
                pending(PENDING, chat),
                pending(ChatTopology.UNDELIVERED, chat));
    }

    private static <T extends SpecificRecord> StoreDefinition records(
            String store, StoreHome home, Class<T> type, AvroSerdes serdes) {
        return new StoreDefinition(
                store,
                home,
                false,
                key -> key,
                String::valueOf,
                value -> value,
                ValueFormat.records(type, serdes.store(type)));
    }

    private static StoreDefinition runsByTime(StoreHome home) {
        return new StoreDefinition(
                RunsTopology.RUNS_BY_TIME,
                home,
                false,
                key -> key,
                String::valueOf,
                alertId -> Map.of(RunOrder.ALERT_ID, alertId),
                ValueFormat.plain());
    }

    private static StoreDefinition responses(StoreHome home) {
        return new StoreDefinition(
                CaptureTopology.CAPTURED_STORE,
                home,
                false,
                key -> key,
                String::valueOf,
                ResponseMemory::describe,
                ValueFormat.plain());
    }

    /** The keys of a pending store are slots, which are used again; as text they have the order that they have as numbers. */
    private static StoreDefinition pending(String store, StoreHome home) {
        return new StoreDefinition(
                store,
                home,
                true,
                Stores::slot,
                slot -> String.format(Locale.ROOT, "%09d", (Integer) slot),
                PendingDescription::of,
                ValueFormat.plain());
    }

    private static Object slot(String key) {
        return key.matches("[0-9]{1,9}") ? Integer.parseInt(key) : key.isEmpty() ? 0 : Integer.MAX_VALUE;
    }

    /** A table keeps bytes, because a restore puts them there without asking anyone. */
    private static <T extends SpecificRecord> StoreDefinition table(String store, Class<T> type, AvroSerdes serdes) {
        AvroCodec<T> codec = serdes.codec(type);
        return new StoreDefinition(
                store,
                StoreHome.everywhere(CatalogTopology.NAME),
                false,
                key -> key,
                String::valueOf,
                value -> codec.decode((byte[]) value),
                ValueFormat.records(type, serdes.store(type)));
    }
}
