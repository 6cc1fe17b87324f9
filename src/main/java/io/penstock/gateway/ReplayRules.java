package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Inference;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.schema.SegmentAlert;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Whether a dead letter may be sent to where it came from once more. What cannot be decoded may: perhaps it can be by now.
 *
 * <p>Refused is what would do harm: a record of a life that has ended, one that is older than what is known by now, one for a topic
 * that holds state, where the newest record of a key counts, and one of a topic within a topology, whose order is the topology's own.
 */
final class ReplayRules {
    private static final Set<String> INPUTS = Set.of(
            Topics.ALERT,
            Topics.ALERT_SEGMENT,
            Topics.CAPTURE_TASK,
            Topics.INFERENCE,
            Topics.RUN_EVENT,
            Topics.CHAT_REQUEST);
    private static final String ERROR_HEADERS = "penstock-error-";

    private final CatalogView catalog;
    private final Function<String, Optional<Inference>> newest;
    private final AvroCodec<SegmentAlert> segments;
    private final AvroCodec<CaptureTask> tasks;
    private final AvroCodec<RawRecord> raws;
    private final AvroCodec<Inference> inferences;
    private final AvroCodec<RunEvent> events;
    private final AvroCodec<ChatRequest> requests;

    /** @param newest what is known of a record id by now */
    ReplayRules(CatalogView catalog, Function<String, Optional<Inference>> newest, AvroSerdes serdes) {
        this.catalog = catalog;
        this.newest = newest;
        this.segments = serdes.codec(SegmentAlert.class);
        this.tasks = serdes.codec(CaptureTask.class);
        this.raws = serdes.codec(RawRecord.class);
        this.inferences = serdes.codec(Inference.class);
        this.events = serdes.codec(RunEvent.class);
        this.requests = serdes.codec(ChatRequest.class);
    }

    /** What becomes of a letter. */
    sealed interface Verdict {
        /** @param record the original one, for the partition that it came from */
        record Send(ProducerRecord<byte[], byte[]> record) implements Verdict {}

        record Refused(ErrorCode code, String message) implements Verdict {}
    }

    /**
     * @param partitions how many partitions a Kafka topic has; 0 when there is none of that name
     * @throws PenstockException {@code not-ready} when it cannot be found out
     */
    Verdict verdict(ConsumerRecord<byte[], byte[]> letter, Function<String, Integer> partitions) {
        String topic = header(letter, DeadLetterHeaders.TOPIC);
        int partition = partition(letter);
        if (topic.isEmpty() || partition < 0) {
            return refused("It does not say which record it comes from.");
        }
        if (letter.value() == null) {
            return refused("Its value was not kept, because it was too large, or it had none.");
        }
        boolean raw = topic.startsWith(Topics.raw(""));
        if (!raw && !INPUTS.contains(topic)) {
            return refused(
                    topic + " is no input of Penstock: a record of it belongs to the order within a topology, or is"
                            + " state, of which the newest counts.");
        }
        String name = raw ? topic.substring(Topics.raw("").length()) : "";
        if (raw && !catalog.isActive(name)) {
            return over("The topic '" + name + "' was deleted.");
        }
        if (partition >= partitions.apply(topic)) {
            return refused("There is no partition " + partition + " of the Kafka topic " + topic + " any more.");
        }
        return refusal(topic, name, letter.value(), Instant.ofEpochMilli(letter.timestamp()))
                .orElseGet(() -> new Verdict.Send(original(letter, topic, partition)));
    }

    private Optional<Verdict> refusal(String topic, String name, byte[] value, Instant writtenAt) {
        return switch (topic) {
            case Topics.ALERT_SEGMENT ->
                decoded(segments, value)
                        .flatMap(alert -> ended(alert.getTopic(), alert.getSegment(), alert.getIncarnation()));
            case Topics.CAPTURE_TASK ->
                decoded(tasks, value)
                        .flatMap(task -> task.getFence() != null || task.getSweepSince() != null
                                ? fence()
                                : ended(task.getTopic(), task.getSegment(), task.getIncarnation())
                                        .or(() -> capturedSince(task, writtenAt)));
            case Topics.INFERENCE ->
                decoded(inferences, value)
                        .flatMap(inference -> inference.getFence() != null
                                ? fence()
                                : ended(inference.getTopic(), inference.getSegment(), inference.getIncarnation())
                                        .or(() -> superseded(
                                                recordId(
                                                        inference.getTopic(),
                                                        inference.getSegment(),
                                                        inference.getProcessor(),
                                                        inference.getItem()),
                                                inference.getCapturedAt())));
            case Topics.RUN_EVENT ->
                decoded(events, value).flatMap(event -> event.getFence() != null ? fence() : Optional.empty());
            case Topics.CHAT_REQUEST ->
                decoded(requests, value).flatMap(request -> request.getFence() != null ? fence() : Optional.empty());
            case Topics.ALERT -> Optional.empty();
            default ->
                decoded(raws, value)
                        .flatMap(record -> record.getFence() != null
                                ? fence()
                                : ended(name, record.getSegment(), record.getIncarnation())
                                        .or(() -> superseded(
                                                recordId(
                                                        name,
                                                        record.getSegment(),
                                                        record.getProcessor(),
                                                        record.getItem()),
                                                record.getCapturedAt())));
        };
    }

    /** A record without an incarnation belongs to the life that its segment has now. */
    private Optional<Verdict> ended(String topic, String segment, @Nullable String incarnation) {
        boolean current = incarnation == null
                ? catalog.segment(topic, segment).isPresent()
                : catalog.isCurrent(topic, segment, incarnation);
        return current
                ? Optional.empty()
                : Optional.of(over("What it belongs to, " + topic + "/" + segment + ", was deleted."));
    }

    /** Of fields that may be anything: some of them may be why the record is a dead letter. */
    private static String recordId(String topic, String segment, String processor, String item) {
        return String.join("/", topic, segment, processor, item);
    }

    /** Known of a task whose item bears the name of its entry; of one that makes several items, none does. */
    private Optional<Verdict> capturedSince(CaptureTask task, Instant failedAt) {
        return task.getEntry() == null
                ? Optional.empty()
                : superseded(
                        recordId(
                                task.getTopic(),
                                task.getSegment(),
                                task.getProcessor(),
                                task.getEntry().getValue()),
                        failedAt);
    }

    private Optional<Verdict> superseded(String id, @Nullable Instant capturedAt) {
        return newest.apply(id)
                .filter(known -> capturedAt != null
                        && known.getCapturedAt() != null
                        && known.getCapturedAt().isAfter(capturedAt))
                .map(known -> new Verdict.Refused(
                        ErrorCode.REPLAY_SUPERSEDED,
                        "The item was captured again at " + known.getCapturedAt() + ", after this was at " + capturedAt
                                + "."));
    }

    private static <T extends SpecificRecord> Optional<T> decoded(AvroCodec<T> codec, byte[] value) {
        try {
            return Optional.of(codec.decode(value));
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static ProducerRecord<byte[], byte[]> original(
            ConsumerRecord<byte[], byte[]> letter, String topic, int partition) {
        RecordHeaders headers = new RecordHeaders();
        for (Header header : letter.headers()) {
            if (!header.key().startsWith(ERROR_HEADERS)) {
                headers.add(header);
            }
        }
        // With the time of now: by its own it might be past the time for which its topic keeps records.
        return new ProducerRecord<>(topic, partition, letter.key(), letter.value(), headers);
    }

    /** Where the letter came from; -1 when it does not say. */
    static int partition(ConsumerRecord<byte[], byte[]> letter) {
        String partition = header(letter, DeadLetterHeaders.PARTITION);
        return partition.matches("[0-9]{1,9}") ? Integer.parseInt(partition) : -1;
    }

    static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        Header header = letter.headers().lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), UTF_8);
    }

    private static Optional<Verdict> fence() {
        return Optional.of(refused("It is the order to end a deleted topic or a run, which is not given twice."));
    }

    private static Verdict over(String message) {
        return new Verdict.Refused(ErrorCode.TOPIC_DELETED, message);
    }

    private static Verdict refused(String message) {
        return new Verdict.Refused(ErrorCode.REPLAY_REFUSED, message);
    }
}
