package io.penstock.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.query.StoreDefinition;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StoresTest {
    private final List<StoreDefinition> definitions =
            Stores.definitions(new AvroSerdes(new MemoryRegistry()), 4, Set::of);

    @Test
    void shouldOrderSlotsAsTextAsTheStoreOrdersThem() {
        StoreDefinition pending = definitions.stream()
                .filter(definition -> definition.name().equals("pending"))
                .findFirst()
                .orElseThrow();

        List<String> keys = Stream.concat(IntStream.range(0, 120).boxed(), Stream.of(4_095, 1_000_000))
                .map(slot -> pending.keyText().apply(slot))
                .toList();

        assertThat(keys).isSorted();
        assertThat(keys)
                .allSatisfy(
                        key -> assertThat(pending.keyText().apply(pending.key().apply(key)))
                                .isEqualTo(key));
        assertThat(pending.key().apply("7")).isEqualTo(7);
        assertThat(pending.key().apply("")).isEqualTo(0);
    }

    @Test
    void shouldBelongToTopologiesThatExist() {
        assertThat(definitions)
                .extracting(definition -> definition.home().topology())
                .isSubsetOf(Topologies.NAMES);
    }
}
