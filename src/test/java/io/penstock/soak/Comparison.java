package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetterHeaders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Compares what came out with what went in, exactly. */
final class Comparison {
    private final Map<Long, Sent> inputs = new TreeMap<>();
    private final Map<Long, Integer> outcomes = new HashMap<>();
    private final Map<Long, Integer> deadLetters = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private int misordered;

    Comparison(List<Sent> sent) {
        sent.forEach(one -> inputs.put(one.work().id(), one));
    }

    void outcomes(List<ConsumerRecord<byte[], byte[]>> found, String orderedTopic) {
        Map<String, Long> newest = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : found) {
            String outcome = new String(record.value(), UTF_8);
            Sent sent = inputs.get(Work.idOf(outcome));
            if (sent == null) {
                faults.add("of no input: " + outcome);
                continue;
            }
            Work work = sent.work();
            boolean first = outcomes.merge(work.id(), 1, Integer::sum) == 1;
            require(outcome.equals(work.outcome(work.attempts())), work, "ended as '" + outcome + "'");
            requireSame(record, sent, headers(record));
            if (first && sent.topic().equals(orderedTopic)) {
                Long before = newest.put(sent.key(), work.id());
                if (before != null && before > work.id()) {
                    misordered++;
                    faults.add(work.id() + " of " + sent.key() + " ended after " + before);
                }
            }
        }
    }

    void deadLetters(List<ConsumerRecord<byte[], byte[]>> found) {
        for (ConsumerRecord<byte[], byte[]> record : found) {
            String value = new String(record.value(), UTF_8);
            Sent sent = inputs.get(Work.parse(value).id());
            if (sent == null || !sent.work().value().equals(value)) {
                faults.add("a dead letter of no input: " + value);
                continue;
            }
            Work work = sent.work();
            deadLetters.merge(work.id(), 1, Integer::sum);
            Map<String, String> said = new HashMap<>();
            List<Header> original = new ArrayList<>();
            for (Header header : headers(record)) {
                if (header.key().startsWith("penstock-error-")) {
                    said.put(header.key(), new String(header.value(), UTF_8));
                } else {
                    original.add(header);
                }
            }
            requireSame(record, sent, original);
            require(work.code().equals(said.get(DeadLetterHeaders.CODE)), work, "has the code in " + said);
            require(
                    Integer.toString(work.attempts()).equals(said.get(DeadLetterHeaders.ATTEMPTS)),
                    work,
                    "has the attempts in " + said);
            require(
                    sent.topic().equals(said.get(DeadLetterHeaders.TOPIC))
                            && Integer.toString(sent.partition()).equals(said.get(DeadLetterHeaders.PARTITION))
                            && Long.toString(sent.offset()).equals(said.get(DeadLetterHeaders.OFFSET)),
                    work,
                    "came from " + sent + ", not as it says in " + said);
        }
    }

    /**
     * Each attempt that was needed was made, and no other; again only after a kill.
     *
     * @param most times that one attempt may be made
     */
    void calls(List<String> calls, int most) {
        Map<Long, Map<Integer, Integer>> made = new HashMap<>();
        for (String call : calls) {
            int space = call.indexOf(' ');
            made.computeIfAbsent(Long.parseLong(call.substring(0, space)), _ -> new TreeMap<>())
                    .merge(Integer.parseInt(call.substring(space + 1)), 1, Integer::sum);
        }
        inputs.forEach((id, sent) -> {
            Map<Integer, Integer> attempts = made.getOrDefault(id, Map.of());
            Set<Integer> needed =
                    IntStream.rangeClosed(1, sent.work().attempts()).boxed().collect(Collectors.toSet());
            require(attempts.keySet().equals(needed), sent.work(), "was attempted so often: " + attempts);
            require(attempts.values().stream().allMatch(times -> times <= most), sent.work(), "was called " + attempts);
        });
    }

    private void requireSame(ConsumerRecord<byte[], byte[]> record, Sent sent, List<Header> headers) {
        require(new String(record.key(), UTF_8).equals(sent.key()), sent.work(), "has another key");
        require(same(headers, sent.headers()), sent.work(), "has other headers: " + headers);
        require(
                record.timestamp() == sent.timestamp(),
                sent.work(),
                "has another timestamp than " + sent.timestamp() + ": " + record.timestamp());
    }

    private static boolean same(List<Header> some, List<Header> others) {
        return some.size() == others.size()
                && IntStream.range(0, some.size())
                        .allMatch(i -> some.get(i).key().equals(others.get(i).key())
                                && Arrays.equals(
                                        some.get(i).value(), others.get(i).value()));
    }

    private static List<Header> headers(ConsumerRecord<byte[], byte[]> record) {
        return StreamSupport.stream(record.headers().spliterator(), false).toList();
    }

    private void require(boolean met, Work work, String otherwise) {
        if (!met) {
            faults.add(work.value() + " " + otherwise);
        }
    }

    /** Inputs without an outcome, or without the dead letter that they should have become. */
    List<Long> lost() {
        return inputs.values().stream()
                .map(Sent::work)
                .filter(work -> !outcomes.containsKey(work.id())
                        || (work.isDeadLetter() && !deadLetters.containsKey(work.id())))
                .map(Work::id)
                .toList();
    }

    /** Outcomes and dead letters beyond the first of each input. */
    int doubled() {
        return outcomes.values().stream().mapToInt(times -> times - 1).sum()
                + deadLetters.values().stream().mapToInt(times -> times - 1).sum();
    }

    /** Inputs that should have become dead letters. */
    long poison() {
        return inputs.values().stream()
                .filter(sent -> sent.work().isDeadLetter())
                .count();
    }

    int misordered() {
        return misordered;
    }

    /** What is not as it should be but for what is lost or doubled. */
    List<String> faults() {
        return faults;
    }
}
