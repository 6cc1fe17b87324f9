package io.penstock.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.table.ChangeSignal;
import io.penstock.topology.PinnedTopology;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CatalogTopologyTest {
    private final LiveCatalog catalog = new LiveCatalog(new AvroSerdes(new MemoryRegistry()));

    @AfterEach
    void stop() {
        catalog.close();
    }

    @Test
    void shouldListTopicsAndTheirSegmentsByName() {
        put("health", entry(CatalogKind.TOPIC, "health", null));
        put("economy", entry(CatalogKind.TOPIC, "economy", null));
        put("eco", entry(CatalogKind.TOPIC, "eco", null));
        put("economy/statements", entry(CatalogKind.SEGMENT, "economy", "statements"));
        put("economy/minutes", entry(CatalogKind.SEGMENT, "economy", "minutes"));

        assertThat(catalog.view.topics())
                .extracting(CatalogEntry::getTopic)
                .containsExactly("eco", "economy", "health");
        assertThat(catalog.view.segments("economy"))
                .extracting(CatalogEntry::getSegment)
                .containsExactly("minutes", "statements");
        assertThat(catalog.view.segments("eco")).isEmpty();
        assertThat(catalog.view.topic("economy")).isPresent();
        assertThat(catalog.view.topic("economy/minutes"))
                .as("a segment is no topic")
                .isEmpty();
        assertThat(catalog.view.segment("economy", "minutes")).isPresent();
        assertThat(catalog.view.segment("health", "minutes")).isEmpty();
    }

    @Test
    void shouldKeepTheHashesOfAppliedFilesApartFromTopics() {
        put(
                CatalogTable.fileKey("catalog/sample.json"),
                CatalogEntry.newBuilder(entry(CatalogKind.FILE, "", null))
                        .setFileHash("abc")
                        .build());

        assertThat(catalog.view.topics()).isEmpty();
        assertThat(catalog.view.topic("file:catalog/sample.json")).isEmpty();
        assertThat(catalog.view.appliedHash("catalog/sample.json")).contains("abc");
        assertThat(catalog.view.appliedHash("catalog/other.json")).isEmpty();
    }

    @Test
    void shouldForgetWhatIsDeletedAndTakeTheNewest() {
        CatalogEntry entry = entry(CatalogKind.TOPIC, "economy", null);
        put("economy", entry);
        put(
                "economy",
                CatalogEntry.newBuilder(entry).setState(CatalogState.DELETING).build());
        assertThat(catalog.view.topic("economy").orElseThrow().getState()).isEqualTo(CatalogState.DELETING);

        catalog.writer.delete("economy");

        assertThat(catalog.view.topic("economy")).isEmpty();
        assertThat(catalog.view.topics()).isEmpty();
    }

    @Test
    void shouldLeaveOutAnEntryThatCannotBeReadAndServeTheRest() {
        put("economy", entry(CatalogKind.TOPIC, "economy", null));
        catalog.send("broken", "nonsense".getBytes(UTF_8));
        catalog.send(null, "without a key".getBytes(UTF_8));

        assertThat(catalog.view.topics()).extracting(CatalogEntry::getTopic).containsExactly("economy");
        assertThat(catalog.view.topic("broken")).isEmpty();
    }

    @Test
    void shouldKnowWhichLifeIsCurrent() {
        put("economy", entry(CatalogKind.TOPIC, "economy", null));
        CatalogEntry segment = entry(CatalogKind.SEGMENT, "economy", "minutes");
        put("economy/minutes", segment);

        assertThat(catalog.view.isCurrent("economy", "minutes", "life of economy"))
                .isTrue();
        assertThat(catalog.view.isCurrent("economy", "minutes", "a former life"))
                .isFalse();
        assertThat(catalog.view.isCurrent("economy", "statements", "life of economy"))
                .isFalse();

        put(
                "economy",
                CatalogEntry.newBuilder(entry(CatalogKind.TOPIC, "economy", null))
                        .setState(CatalogState.DELETING)
                        .build());
        assertThat(catalog.view.isCurrent("economy", "minutes", "life of economy"))
                .as("its topic is being deleted")
                .isFalse();
    }

    @Test
    void shouldTellOfEachChange() {
        AtomicInteger changes = new AtomicInteger();
        catalog.changes.onChange(changes::incrementAndGet);

        put("economy", entry(CatalogKind.TOPIC, "economy", null));
        catalog.writer.delete("economy");

        assertThat(changes).hasValue(2);
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(
                CatalogTopology.NAME,
                new CatalogTopology(new ChangeSignal(), new ChangeSignal(), new ChangeSignal(), new ChangeSignal())
                        .build());
    }

    private void put(String key, CatalogEntry entry) {
        catalog.writer.put(key, entry);
    }

    private static CatalogEntry entry(CatalogKind kind, String topic, @Nullable String segment) {
        return CatalogEntry.newBuilder()
                .setKind(kind)
                .setTopic(topic)
                .setSegment(segment)
                .setState(CatalogState.ACTIVE)
                .setIncarnation("life of " + topic)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }
}
