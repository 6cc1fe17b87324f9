package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.run.RunIds;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.Run;
import io.penstock.schema.RunState;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.time.Instant;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunGatewayTest {
    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());

    @Test
    void shouldSendTheTasksOfAnEntryToOnePartitionInEveryRun() {
        for (int value = 0; value < 20; value++) {
            ProducerRecord<byte[], byte[]> first = record("run-1", "v" + value);
            ProducerRecord<byte[], byte[]> second = record("run-2", "v" + value);

            assertThat(second.partition()).isNotNull().isEqualTo(first.partition());
            assertThat(new String(second.key(), UTF_8)).isEqualTo("run-2/p/v" + value);
        }
    }

    @Test
    void shouldMakeRetriesOfDifferentRunsDifferentRunsThoughTheKeyIsTheSame() {
        assertThat(RunGateway.retryId(run("one", null), "key"))
                .isEqualTo(RunGateway.retryId(run("one", null), "key"))
                .isNotEqualTo(RunGateway.retryId(run("two", null), "key"))
                .isNotEqualTo(RunIds.runId("key", "economy"));
    }

    @Test
    void shouldRefuseAKeyThatStandsForAnotherRun() {
        Run run = run("one", null);

        assertThatCode(() -> RunGateway.requireRetryOf(run, run("retry", "one")))
                .doesNotThrowAnyException();
        assertConflict(run, run("collected", null));
        assertConflict(run, run("retry", "two"));
    }

    private static void assertConflict(Run run, Run known) {
        assertThatThrownBy(() -> RunGateway.requireRetryOf(run, known))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT));
    }

    private ProducerRecord<byte[], byte[]> record(String runId, String value) {
        CaptureTask task = CaptureTask.newBuilder()
                .setRunId(runId)
                .setTopic("economy")
                .setSegment("news")
                .setProcessor("p")
                .setIncarnation("life")
                .setEntry(DataEntry.newBuilder().setValue(value).setLabel("A").build())
                .build();
        return RunGateway.record(task, serdes.codec(CaptureTask.class), 8);
    }

    private static Run run(String id, @Nullable String retryOf) {
        return Run.newBuilder()
                .setRunId(id)
                .setTopic("economy")
                .setState(RunState.PARTIAL)
                .setStartedAt(Instant.EPOCH)
                .setLastEventAt(Instant.EPOCH)
                .setRetryOf(retryOf)
                .build();
    }
}
