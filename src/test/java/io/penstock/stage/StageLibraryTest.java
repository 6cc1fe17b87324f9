package io.penstock.stage;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.StoreBuilder;
import org.junit.jupiter.api.Test;

/** The stage as a library: what it depends on, what it brings along, what it refuses. */
class StageLibraryTest {

    @Test
    void shouldDependOnNothingButKafkaItsLoggerAndTheJdk() {
        classes()
                .that()
                .resideInAPackage("io.penstock.stage")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.penstock.stage", "java..", "org.apache.kafka..", "org.slf4j..", "org.jspecify..")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.penstock.stage"));
    }

    @Test
    void shouldBringItsStoreAlong() {
        try (StageRuntime runtime = new StageRuntime()) {
            var supplier = new DurableStageSupplier<String, String, String>(
                    StageHarness.options(StageOrder.NONE, 1, 1),
                    Serdes.String(),
                    Serdes.String(),
                    ScriptedFunction::new,
                    runtime);
            assertThat(supplier.stores()).hasSize(1);
            StoreBuilder<?> store = supplier.stores().iterator().next();
            assertThat(store.name()).isEqualTo("pending");
            assertThat(store.loggingEnabled()).isTrue();
            assertThat(store.logConfig()).containsEntry("segment.bytes", "16777216");
        }
    }

    @Test
    void shouldRefuseOptionsThatCouldNeverWork() {
        StageOptions options = StageOptions.of("work", "pending", "results", "failures");
        assertThatThrownBy(() -> options.withMaxInFlight(0)).hasMessageContaining("Stage 'work': maxInFlight");
        assertThatThrownBy(() -> options.withMaxParked(-1)).hasMessageContaining("maxParked");
        assertThatThrownBy(() -> options.withTick(Duration.ofNanos(1))).hasMessageContaining("tick");
        assertThatThrownBy(() -> options.withCallTimeout(Duration.ZERO)).hasMessageContaining("callTimeout");
        assertThatThrownBy(() -> options.withAttempts(0, Duration.ZERO, Duration.ZERO))
                .hasMessageContaining("maxAttempts");
    }

    @Test
    void shouldDoubleTheWaitUpToTheLongest() {
        RetryPolicy policy = new RetryPolicy(100, Duration.ofMillis(500), Duration.ofSeconds(30), 0, () -> 1);
        Exception failure = new IllegalStateException("boom");
        assertThat(policy.after(1, failure)).isEqualTo(Duration.ofMillis(500));
        assertThat(policy.after(2, failure)).isEqualTo(Duration.ofSeconds(1));
        assertThat(policy.after(7, failure)).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.after(99, failure)).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.after(100, failure)).isNull();
        assertThat(policy.after(1, CallException.permanent("x", "no"))).isNull();
        assertThat(policy.after(1, CallException.retryAfter("x", "later", Duration.ofMinutes(2))))
                .isEqualTo(Duration.ofMinutes(2));
    }
}
