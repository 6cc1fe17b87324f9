package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.deadletter.DeadLetter;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

/** What is lost, doubled or changed must not go unnoticed. */
class ComparisonTest {
    private static final List<Header> HEADERS = List.of(new RecordHeader("trace", new byte[] {1}));
    private static final Sent FIRST = sent(new Work(0, Work.Kind.QUICK, 5));
    private static final Sent SECOND = sent(new Work(1, Work.Kind.FLAKY, 2));
    private static final Sent POISON = sent(new Work(2, Work.Kind.POISON, 0));
    private static final List<String> CALLS = List.of("0 1", "1 1", "1 2", "1 3", "2 1");

    private final Comparison comparison = new Comparison(List.of(FIRST, SECOND, POISON));

    @Test
    void shouldFindNothingWhereAllIsWell() {
        comparison.outcomes(List.of(outcome(FIRST, 1), outcome(SECOND, 3), outcome(POISON, 1)), "ordered");
        comparison.deadLetters(List.of(letter(POISON, Work.POISON_CODE, 1)));
        comparison.calls(CALLS, 1);

        assertThat(comparison.faults()).isEmpty();
        assertThat(comparison.lost()).isEmpty();
        assertThat(comparison.doubled()).isZero();
        assertThat(comparison.misordered()).isZero();
        assertThat(comparison.poison()).isOne();
    }

    @Test
    void shouldMissWhatIsLostAndADeadLetterThatWasNotWritten() {
        comparison.outcomes(List.of(outcome(SECOND, 3), outcome(POISON, 1)), "ordered");

        assertThat(comparison.lost()).containsExactly(0L, 2L);
    }

    @Test
    void shouldCountWhatIsDoubled() {
        comparison.outcomes(List.of(outcome(FIRST, 1), outcome(FIRST, 1)), "ordered");
        comparison.deadLetters(List.of(letter(POISON, Work.POISON_CODE, 1), letter(POISON, Work.POISON_CODE, 1)));

        assertThat(comparison.doubled()).isEqualTo(2);
    }

    @Test
    void shouldSeeThatAnOrderWasNotKept() {
        comparison.outcomes(List.of(outcome(SECOND, 3), outcome(FIRST, 1)), "ordered");

        assertThat(comparison.misordered()).isOne();
    }

    @Test
    void shouldSeeWrongAttemptsCodesAndCalls() {
        comparison.outcomes(List.of(outcome(SECOND, 2)), "ordered");
        comparison.deadLetters(List.of(letter(POISON, "other", 4)));
        comparison.calls(List.of("0 1", "0 1", "1 1", "1 3", "2 1"), 1);

        assertThat(comparison.faults()).hasSize(5);
    }

    @Test
    void shouldSeeAnotherKeyTimestampOrHeader() {
        Sent other = new Sent(FIRST.work(), "another", 1, List.of(), FIRST.topic(), FIRST.partition(), FIRST.offset());
        comparison.outcomes(List.of(outcome(other, 1)), "ordered");

        assertThat(comparison.faults()).hasSize(3);
    }

    private static Sent sent(Work work) {
        return new Sent(work, "key", 1_000 + work.id(), HEADERS, "ordered", 3, work.id());
    }

    private static ConsumerRecord<byte[], byte[]> outcome(Sent sent, int attempts) {
        return record(
                "outcome", sent, sent.work().outcome(attempts).getBytes(UTF_8), new RecordHeaders(sent.headers()));
    }

    private static ConsumerRecord<byte[], byte[]> letter(Sent sent, String code, int attempts) {
        Record<byte[], byte[]> letter = new DeadLetter(
                        code, "no", "stage", sent.topic(), sent.partition(), sent.offset(), attempts)
                .record(
                        sent.key().getBytes(UTF_8),
                        sent.work().value().getBytes(UTF_8),
                        sent.timestamp(),
                        new RecordHeaders(sent.headers()));
        return record("dead", sent, letter.value(), letter.headers());
    }

    private static ConsumerRecord<byte[], byte[]> record(String topic, Sent sent, byte[] value, Headers headers) {
        return new ConsumerRecord<>(
                topic,
                0,
                0,
                sent.timestamp(),
                TimestampType.CREATE_TIME,
                0,
                0,
                sent.key().getBytes(UTF_8),
                value,
                headers,
                Optional.empty());
    }
}
