package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.LetterScan.Letter;
import io.penstock.gateway.ReplayRules.Verdict;
import io.penstock.kafka.Topics;
import io.penstock.schema.ReplayedLetters;
import io.penstock.table.GlobalTable;
import io.penstock.table.TableWriter;
import io.penstock.table.TableWriter.Update;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters to where they came from once more, each of them once: the records and the mark that they were sent are one
 * transaction, and instances decide one after the other, on what all of them have written. What fails again is a new letter.
 */
public final class ReplayGateway {
    /** The most letters that one call takes. */
    public static final int MOST_LETTERS = 500;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final GlobalTable<ReplayedLetters> marks;
    private final TableWriter<ReplayedLetters> writer;
    private final ReplayRules rules;
    private final Set<String> topologies;

    /**
     * @param consumers makes consumers without a group that read committed records
     * @param topologies that have dead letters
     */
    ReplayGateway(
            Supplier<Consumer<byte[], byte[]>> consumers,
            GlobalTable<ReplayedLetters> marks,
            TableWriter<ReplayedLetters> writer,
            ReplayRules rules,
            Set<String> topologies) {
        this.consumers = consumers;
        this.marks = marks;
        this.writer = writer;
        this.rules = rules;
        this.topologies = Set.copyOf(topologies);
    }

    /**
     * Which letters are to be replayed, all filters optional.
     *
     * @param from the first moment, inclusive, at which they were written
     * @param to the last, inclusive
     * @param sourceTopic the Kafka topic that they came from
     * @param after the {@code next} of the call before
     */
    public record Wanted(
            String topology,
            @Nullable String code,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String sourceTopic,
            @Nullable String key,
            @Nullable String after,
            int limit) {
        private boolean takes(ConsumerRecord<byte[], byte[]> letter) {
            return (code == null || code.equals(ReplayRules.header(letter, DeadLetterHeaders.CODE)))
                    && (from == null || letter.timestamp() >= from.toEpochMilli())
                    && (to == null || letter.timestamp() <= to.toEpochMilli())
                    && (sourceTopic == null || sourceTopic.equals(ReplayRules.header(letter, DeadLetterHeaders.TOPIC)))
                    && (key == null || (letter.key() != null && key.equals(new String(letter.key(), UTF_8))));
        }
    }

    /** What became of a letter. */
    public enum Outcome {
        REPLAYED,
        ALREADY_REPLAYED,
        REFUSED
    }

    /**
     * A letter, and what became of it.
     *
     * @param sourcePartition -1 when the letter does not say
     * @param code why it was refused; else null
     * @param message the same, for people
     */
    public record Replayed(
            int partition,
            long offset,
            String sourceTopic,
            int sourcePartition,
            Outcome outcome,
            @Nullable ErrorCode code,
            @Nullable String message) {}

    /** @param next the {@code after} of the next call; null when there is nothing more */
    public record Page(List<Replayed> letters, @Nullable String next) {}

    /** Whether a letter was sent again; {@code not-ready} while the marks cannot be read. */
    public boolean isReplayed(TopicPartition partition, long offset) {
        return known(partition).contains(offset);
    }

    private ReplayedOffsets known(TopicPartition partition) {
        return marks.get(key(partition)).map(ReplayedOffsets::of).orElse(ReplayedOffsets.NONE);
    }

    /**
     * Replays the letter at one place.
     *
     * @param dry whether to say only what would become of it
     * @throws PenstockException {@code topology.unknown}, {@code dead-letter.unknown}, {@code not-ready}, or why it was refused
     */
    public Replayed one(String topology, int partition, long offset, boolean dry) {
        requireKnown(topology);
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            Letter letter = new LetterScan(consumer, Topics.deadLetter(topology)).one(partition, offset);
            Replayed replayed = replay(consumer, List.of(letter), dry).getFirst();
            if (replayed.code() != null) {
                throw new PenstockException(replayed.code(), String.valueOf(replayed.message()));
            }
            return replayed;
        } catch (KafkaException e) {
            throw notReady(e);
        }
    }

    /**
     * Replays some of those that are wanted, from the oldest on.
     *
     * @param dry whether to say only what would become of them
     * @throws PenstockException {@code topology.unknown}, {@code parameter.invalid}, {@code not-ready}
     */
    public Page page(Wanted wanted, boolean dry) {
        requireKnown(wanted.topology());
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            LetterScan.Page page = new LetterScan(consumer, Topics.deadLetter(wanted.topology()))
                    .page(wanted.from(), wanted.after(), wanted.limit(), wanted::takes);
            return new Page(replay(consumer, page.letters(), dry), page.next());
        } catch (KafkaException e) {
            throw notReady(e);
        }
    }

    private List<Replayed> replay(Consumer<byte[], byte[]> consumer, List<Letter> letters, boolean dry) {
        if (letters.isEmpty()) {
            return List.of();
        }
        Map<String, Integer> partitions = new HashMap<>();
        consumer.listTopics(PATIENCE).forEach((topic, infos) -> partitions.put(topic, infos.size()));
        List<Verdict> verdicts = letters.stream()
                .map(letter -> rules.verdict(letter.record(), topic -> partitions.getOrDefault(topic, 0)))
                .toList();
        List<TopicPartition> places =
                letters.stream().map(Letter::partition).distinct().toList();
        Supplier<Update<ReplayedLetters, List<Replayed>>> decide = () -> {
            Map<TopicPartition, ReplayedOffsets> known = new HashMap<>();
            places.forEach(place -> known.put(place, known(place)));
            // After the marks, or another instance could have marked a letter that lies beyond the end found here.
            Map<TopicPartition, Long> begins = consumer.beginningOffsets(places, PATIENCE);
            Map<TopicPartition, Long> ends = consumer.endOffsets(places, PATIENCE);
            known.replaceAll(
                    (place, marked) -> marked.within(begins.getOrDefault(place, 0L), ends.getOrDefault(place, 0L)));
            return decide(letters, verdicts, known);
        };
        return dry ? decide.get().answer() : writer.update("The replay", decide);
    }

    private static Update<ReplayedLetters, List<Replayed>> decide(
            List<Letter> letters, List<Verdict> verdicts, Map<TopicPartition, ReplayedOffsets> known) {
        Map<String, @Nullable ReplayedLetters> entries = new LinkedHashMap<>();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        List<Replayed> answer = new ArrayList<>();
        for (int i = 0; i < letters.size(); i++) {
            Letter letter = letters.get(i);
            TopicPartition place = letter.partition();
            ReplayedOffsets before = known.getOrDefault(place, ReplayedOffsets.NONE);
            long offset = letter.record().offset();
            if (before.contains(offset)) {
                answer.add(replayed(letter, Outcome.ALREADY_REPLAYED, null, null));
                continue;
            }
            switch (verdicts.get(i)) {
                case Verdict.Send(ProducerRecord<byte[], byte[]> record) -> {
                    records.add(record);
                    ReplayedOffsets after = before.with(letter.since(), offset);
                    known.put(place, after);
                    entries.put(key(place), after.letters());
                    answer.add(replayed(letter, Outcome.REPLAYED, null, null));
                }
                case Verdict.Refused(ErrorCode code, String message) ->
                    answer.add(replayed(letter, Outcome.REFUSED, code, message));
            }
        }
        return new Update<>(entries, answer, records);
    }

    private static Replayed replayed(
            Letter letter, Outcome outcome, @Nullable ErrorCode code, @Nullable String message) {
        return new Replayed(
                letter.record().partition(),
                letter.record().offset(),
                ReplayRules.header(letter.record(), DeadLetterHeaders.TOPIC),
                ReplayRules.partition(letter.record()),
                outcome,
                code,
                message);
    }

    private static String key(TopicPartition place) {
        return place.topic() + "/" + place.partition();
    }

    private void requireKnown(String topology) {
        if (!topologies.contains(topology)) {
            throw new PenstockException(
                    ErrorCode.TOPOLOGY_UNKNOWN,
                    "There is no topology '" + topology + "'; there are "
                            + topologies.stream().sorted().collect(Collectors.joining(", ")) + ".");
        }
    }

    private static PenstockException notReady(KafkaException cause) {
        return new PenstockException(ErrorCode.NOT_READY, "Kafka cannot be read now; try again.", cause);
    }
}
