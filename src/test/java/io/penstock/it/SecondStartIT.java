package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** An application that cannot start says why, and what to do, in one line. */
@Timeout(120)
@ExtendWith(SharedPenstock.class)
class SecondStartIT {
    private final PenstockProcess running;

    SecondStartIT(PenstockProcess running) {
        this.running = running;
    }

    @Test
    void shouldNameTheOneThatRunsOnTheSameData() throws InterruptedException {
        try (PenstockProcess second = new PenstockProcess("second").with("PENSTOCK_DATA", running.data())) {
            assertRefused(second, running.api().url(), "PENSTOCK_DATA");
        }
        assertThat(running.api().get("/api/catalog").status()).isEqualTo(200);
    }

    @Test
    void shouldNameTheVariableOfATakenHttpPort() throws InterruptedException {
        int port = URI.create(running.api().url()).getPort();
        try (PenstockProcess second = new PenstockProcess("http-port").with("PENSTOCK_PORT", port)) {
            assertRefused(second, "PENSTOCK_PORT", "port " + port);
        }
    }

    @Test
    void shouldNameTheVariableOfATakenKafkaPort() throws InterruptedException {
        int port = URI.create("kafka://" + running.bootstrapServers()).getPort();
        try (PenstockProcess second = new PenstockProcess("kafka-port").with("PENSTOCK_KAFKA_PORT", port)) {
            assertRefused(second, "PENSTOCK_KAFKA_PORT", "port " + port);
        }
    }

    @Test
    void shouldRefuseDataOfAnUnknownFormat() throws InterruptedException {
        try (PenstockProcess second = new PenstockProcess("format")) {
            PenstockProcess.write(second.data().resolve("format-version"), "999\n");
            assertRefused(second, "999", "PENSTOCK_DATA");
        }
    }

    @Test
    void shouldNameAVariableThatIsNotANumber() throws InterruptedException {
        try (PenstockProcess second = new PenstockProcess("number").with("PENSTOCK_PARTITIONS", "many")) {
            assertRefused(second, "PENSTOCK_PARTITIONS", "many");
        }
    }

    private static void assertRefused(PenstockProcess second, String... named) throws InterruptedException {
        PenstockProcess.Ended ended = second.startAndEnd();
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output().lines().filter(line -> line.startsWith("penstock: ")))
                .singleElement()
                .asString()
                .contains(named);
        assertThat(ended.output()).doesNotContain("Exception", "\tat ");
    }
}
