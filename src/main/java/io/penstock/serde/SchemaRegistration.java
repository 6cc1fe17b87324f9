package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.Alert;
import io.penstock.schema.AlertRejection;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.CapturedResponses;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Chunk;
import io.penstock.schema.Conversation;
import io.penstock.schema.EnrichedMark;
import io.penstock.schema.EnrichmentRejection;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.InstanceEntry;
import io.penstock.schema.LedgerEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.RawRecord;
import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunItem;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.schema.SeenAlert;
import io.penstock.schema.SegmentAlert;
import io.penstock.schema.WaitingAlert;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers every schema before any topology starts, so that none is registered while records flow: topics under {@code
 * TopicNameStrategy}, what stores hold under {@code RecordNameStrategy}.
 */
public final class SchemaRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistration.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private static final Map<String, Schema> TOPICS = Map.ofEntries(
            Map.entry(Topics.ALERT, Alert.getClassSchema()),
            Map.entry(Topics.ALERT_SEGMENT, SegmentAlert.getClassSchema()),
            Map.entry(Topics.ALERT_REJECTED, AlertRejection.getClassSchema()),
            Map.entry(Topics.CAPTURE_TASK, CaptureTask.getClassSchema()),
            Map.entry(Topics.INFERENCE, Inference.getClassSchema()),
            Map.entry(Topics.ENRICHMENT_REJECTED, EnrichmentRejection.getClassSchema()),
            Map.entry(Topics.CHUNK, Chunk.getClassSchema()),
            Map.entry(Topics.RUN_EVENT, RunEvent.getClassSchema()),
            Map.entry(Topics.CHAT_REQUEST, ChatRequest.getClassSchema()),
            Map.entry(Topics.CHAT_REPLY, ChatReply.getClassSchema()),
            Map.entry(Topics.CATALOG, CatalogEntry.getClassSchema()),
            Map.entry(Topics.PROCESSORS, ProcessorEntry.getClassSchema()),
            Map.entry(Topics.SCHEDULE, ScheduleEntry.getClassSchema()),
            Map.entry(Topics.INSTANCE, InstanceEntry.getClassSchema()),
            Map.entry(Topics.FENCE_ACK, FenceAck.getClassSchema()));

    private static final List<Schema> STORES = List.of(
            Run.getClassSchema(),
            RunItem.getClassSchema(),
            CapturedResponses.getClassSchema(),
            EnrichedMark.getClassSchema(),
            LedgerEntry.getClassSchema(),
            Inference.getClassSchema(),
            Alert.getClassSchema(),
            Conversation.getClassSchema(),
            ScheduleMark.getClassSchema(),
            SeenAlert.getClassSchema(),
            WaitingAlert.getClassSchema(),
            // global stores and a topology's own copies of what topics hold
            CatalogEntry.getClassSchema(),
            ProcessorEntry.getClassSchema(),
            Chunk.getClassSchema());

    private final SchemaRegistry registry;

    public SchemaRegistration(SchemaRegistry registry) {
        this.registry = registry;
    }

    /**
     * Registers the subjects of all fixed topics and of all stores.
     *
     * @throws PenstockException {@code schema.incompatible}, {@code schema.unknown} or {@code not-ready}
     */
    public void registerAll() {
        new TreeMap<>(TOPICS).forEach((topic, schema) -> registry.register(topic + "-value", schema));
        for (Schema schema : STORES) {
            registry.register(schema.getFullName(), schema);
        }
    }

    /**
     * As {@link #registerAll()}, waiting for a registry that does not answer yet.
     *
     * @param patience how long it is waited for
     */
    public void registerAll(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                registerAll();
                return;
            } catch (PenstockException e) {
                if (e.code() != ErrorCode.NOT_READY || System.nanoTime() + PAUSE.toNanos() > deadline) {
                    throw e;
                }
                LOG.warn("Waiting for the schema registry: {}", e.detail());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PenstockException(ErrorCode.NOT_READY, "Stopped while waiting for the schema registry.", e);
        }
    }

    /** Registers the subject of a Penstock topic's {@code raw.<topic>}. */
    public void registerRaw(String topic) {
        registry.register(Topics.raw(topic) + "-value", RawRecord.getClassSchema());
    }
}
