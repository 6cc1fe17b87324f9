package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.query.StoreQueries;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.seed.ScheduleFields;
import io.penstock.serde.AvroCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Stores, changes and removes schedules that come over HTTP, and answers once the topology that fires them has the change. */
public final class ScheduleGateway {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
    private static final int LONGEST_ID = 200;
    private static final String TARGETS = "targets";

    private final StoreQueries stores;
    private final Producer<byte[], byte[]> producer;
    private final AvroCodec<ScheduleEntry> codec;

    /** @param producer an idempotent producer */
    public ScheduleGateway(StoreQueries stores, Producer<byte[], byte[]> producer, AvroCodec<ScheduleEntry> codec) {
        this.stores = stores;
        this.producer = producer;
        this.codec = codec;
    }

    /** @throws PenstockException {@code not-ready} */
    public Optional<ScheduleMark> find(String id) {
        return stores.get(ScheduleTopology.SCHEDULE, id).map(ScheduleMark.class::cast);
    }

    /**
     * Stores a schedule. What is left out of a change stays as it was.
     *
     * @param body {@code schedule}, {@code time_zone}, {@code jitter}, {@code enabled}, and either {@code targets} or {@code topic} and
     *     {@code segment_targets}
     * @throws PenstockException {@code config.invalid}, naming the field: then nothing is stored; {@code not-ready}
     */
    public ScheduleMark put(String id, JsonNode body) throws InterruptedException {
        if (id.length() > LONGEST_ID || !ID.matcher(id).matches()) {
            throw new PenstockException(
                    ErrorCode.NAME_INVALID,
                    "The id of a schedule is at most " + LONGEST_ID
                            + " letters, digits, dots, dashes and underscores, in parts with '/' between them.");
        }
        Optional<ScheduleEntry> known = find(id).map(ScheduleMark::getEntry);
        ObjectNode whole = known.map(ScheduleGateway::json).orElseGet(JsonNodeFactory.instance::objectNode);
        body.properties().forEach(field -> whole.set(field.getKey(), field.getValue()));
        List<ConfigProblem> problems = new ArrayList<>();
        ScheduleEntry.Builder entry = ScheduleEntry.newBuilder()
                .setId(id)
                .setFile(known.map(ScheduleEntry::getFile).orElse(null))
                .setFileHash(known.map(ScheduleEntry::getFileHash).orElse(null))
                .setTargets(targets(body, whole, problems));
        ScheduleFields.read(whole, entry, problems);
        if (!problems.isEmpty()) {
            ConfigProblem first = problems.getFirst();
            throw new PenstockException(ErrorCode.CONFIG_INVALID, first.getField() + ": " + first.getMessage());
        }
        ScheduleEntry stored = entry.build();
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

    private static List<CollectTarget> targets(JsonNode body, JsonNode whole, List<ConfigProblem> problems) {
        if (body.has("topic") || !whole.has(TARGETS)) {
            return List.of(ScheduleFields.target(body, "", problems));
        }
        List<CollectTarget> targets = new ArrayList<>();
        int i = 0;
        for (JsonNode target : whole.path(TARGETS)) {
            targets.add(ScheduleFields.target(target, TARGETS + "[" + i++ + "].", problems));
        }
        if (targets.isEmpty()) {
            problems.add(ConfigProblem.newBuilder()
                    .setCode(ErrorCode.CONFIG_INVALID.code())
                    .setField(TARGETS)
                    .setMessage("A schedule collects at least one target.")
                    .build());
        }
        return targets;
    }

    /** As {@link #put} takes it. */
    public static ObjectNode json(ScheduleEntry entry) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put(ScheduleFields.SCHEDULE, entry.getSchedule())
                .put(ScheduleFields.TIME_ZONE, entry.getTimeZone())
                .put(
                        ScheduleFields.JITTER,
                        Duration.ofMillis(entry.getJitterMs()).toString())
                .put(ScheduleFields.ENABLED, entry.getEnabled());
        ArrayNode targets = node.putArray(TARGETS);
        for (CollectTarget target : entry.getTargets()) {
            ArrayNode segments =
                    targets.addObject().put("topic", target.getTopic()).putArray("segment_targets");
            target.getSegmentTargets().forEach(segments::add);
        }
        return node;
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
