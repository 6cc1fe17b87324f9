package io.penstock.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import io.penstock.table.ChangeSignal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A catalog in which a topic and its segment appear at the third look. */
class PatientCatalogTest {
    private final AtomicInteger looks = new AtomicInteger();
    private final CatalogView slow = new CatalogView() {
        @Override
        public Optional<CatalogEntry> topic(String topic) {
            return topic.equals("economy") && looks.incrementAndGet() >= 3 ? Optional.of(entry()) : Optional.empty();
        }

        @Override
        public Optional<CatalogEntry> segment(String topic, String segment) {
            return segment.equals("news") ? topic(topic) : Optional.empty();
        }

        @Override
        public List<CatalogEntry> topics() {
            return List.of();
        }

        @Override
        public List<CatalogEntry> segments(String topic) {
            return List.of();
        }
    };

    @Test
    void shouldWaitForWhatAnotherInstanceMayHaveCreated() {
        PatientCatalog catalog = new PatientCatalog(slow, new ChangeSignal(), () -> true);

        assertThat(catalog.topic("economy")).isPresent();
        assertThat(catalog.segment("economy", "news")).isPresent();
        assertThat(catalog.segment("economy", "gossip")).isEmpty();
        assertThat(catalog.topic("nothing")).isEmpty();
    }

    @Test
    void shouldSayAtOnceThatThereIsNothingWhenItIsAlone() {
        PatientCatalog catalog = new PatientCatalog(slow, new ChangeSignal(), () -> false);

        assertThat(catalog.topic("economy")).isEmpty();
        assertThat(looks).hasValue(1);
    }

    private static CatalogEntry entry() {
        return CatalogEntry.newBuilder()
                .setKind(CatalogKind.TOPIC)
                .setTopic("economy")
                .setState(CatalogState.ACTIVE)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }
}
