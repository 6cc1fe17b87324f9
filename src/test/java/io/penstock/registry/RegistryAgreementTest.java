package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.kafka.KafkaSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two instances over one broker are one registry. */
@Timeout(90)
@ExtendWith(SharedBroker.class)
class RegistryAgreementTest {
    private final KafkaSettings settings;

    RegistryAgreementTest(EmbeddedBroker broker) {
        settings = RegistryFixture.settings(broker);
    }

    @Test
    void shouldGiveOneIdAndOneVersionToASchemaThatBothRegisterAtOnce() throws Exception {
        try (EmbeddedRegistry one = EmbeddedRegistry.start(settings);
                EmbeddedRegistry two = EmbeddedRegistry.start(settings);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            one.setLevel("agreed", CompatibilityLevel.NONE);
            List<Callable<List<SchemaVersion>>> work = List.of(
                    () -> register(one, false), () -> register(two, true),
                    () -> register(two, false), () -> register(one, true));
            List<List<SchemaVersion>> results = new ArrayList<>();
            for (Future<List<SchemaVersion>> result : threads.invokeAll(work)) {
                results.add(result.get());
            }

            assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(results.getFirst()));
            assertThat(results.getFirst()).extracting(SchemaVersion::id).doesNotHaveDuplicates();
            assertThat(results.getFirst())
                    .extracting(SchemaVersion::version)
                    .containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void shouldKnowAnIdAtOnceThatTheOtherInstanceGave() {
        try (EmbeddedRegistry one = EmbeddedRegistry.start(settings);
                EmbeddedRegistry two = EmbeddedRegistry.start(settings)) {
            for (int i = 0; i < 20; i++) {
                Schema schema = schema("AtOnce" + i);
                EmbeddedRegistry writer = i < 10 ? one : two;
                EmbeddedRegistry reader = i < 10 ? two : one;
                assertThat(reader.schema(writer.register("at-once-" + i, schema)))
                        .isEqualTo(schema);
            }
        }
    }

    /** Some schemas in one order or the other; the answers come in the first. */
    private static List<SchemaVersion> register(EmbeddedRegistry registry, boolean reversed) {
        List<Schema> schemas =
                IntStream.range(0, 6).mapToObj(i -> schema("Agreed" + i)).toList();
        List<SchemaVersion> versions = new ArrayList<>();
        (reversed ? schemas.reversed() : schemas)
                .forEach(schema -> versions.add(registry.registerVersion("agreed", schema)));
        return reversed ? List.copyOf(versions.reversed()) : versions;
    }

    private static Schema schema(String name) {
        return SchemaBuilder.record(name).fields().optionalString("a").endRecord();
    }
}
