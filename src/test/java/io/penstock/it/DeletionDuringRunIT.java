package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A topic can be deleted during a run, and the process killed during the deletion. One round in the regular run;
 * {@code ./penstock soak deletion} makes more, and prints what is written to {@code target/soak/deletion.json}.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class DeletionDuringRunIT {
    private static final int ROUNDS = Integer.getInteger("penstock.soak.rounds", 1);
    private static final long SEED = Long.getLong("penstock.soak.seed", new Random().nextInt(1_000_000));

    @Test
    void shouldRemoveATopicDuringARunHoweverOftenItIsKilledMeanwhile() {
        System.out.println("seed " + SEED + " (-Dpenstock.soak.seed)");
        try (DeletionRounds rounds = new DeletionRounds(new PenstockProcess("deletion-rounds"), SEED)) {
            DeletionRounds.Result result = rounds.run(ROUNDS);

            PenstockProcess.write(Path.of("target", "soak", "deletion.json"), result.json(SEED) + "\n");
            assertThat(result.kills()).isEqualTo(ROUNDS);
            assertThat(result.lost()).isZero();
            assertThat(result.doubled()).isZero();
        }
    }
}
