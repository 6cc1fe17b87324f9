package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An application that is asked to stop says so for as long as it takes. */
@Timeout(180)
class StopIT {
    @Test
    void shouldCloseWhatHasStartedWhenItIsStoppedBeforeItIsReady() {
        try (PenstockProcess penstock = new PenstockProcess("stop-early")) {
            for (String reached : List.of("Embedding with ", "Kafka at ", "Starting chat")) {
                penstock.startUntilItPrints(reached);
                penstock.stop();

                assertThat(PenstockProcess.text(penstock.log()))
                        .contains("Stopped")
                        .doesNotContain(
                                "was not stopped in order",
                                "Penstock is ready",
                                "was not closed",
                                "has not come to an end",
                                "The start failed");
            }
            penstock.start();

            assertThat(PenstockProcess.text(penstock.log())).doesNotContain("was not stopped in order");
        }
    }

    @Test
    void shouldSayThatItIsStoppingUntilAllIsClosed() {
        List<Answer> answers = new ArrayList<>();
        try (PenstockProcess penstock = new PenstockProcess("stop")) {
            penstock.start();
            Api api = penstock.api();
            CompletableFuture<Duration> stopped = CompletableFuture.supplyAsync(penstock::stop);
            while (!stopped.isDone()) {
                try {
                    answers.add(api.get("/api/topologies"));
                } catch (UncheckedIOException e) {
                    break; // the server is closed
                }
            }
            stopped.join();
            assertThat(PenstockProcess.text(penstock.log())).contains("Stopped").doesNotContain("Exception");
        }
        List<Answer> refused =
                answers.stream().dropWhile(answer -> answer.status() == 200).toList();
        assertThat(refused).isNotEmpty().allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.code()).isEqualTo("not-ready");
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        });
    }
}
