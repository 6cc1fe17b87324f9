package io.penstock.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.InstanceEntry;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class InstanceSignatureTest {
    private final InstanceSignature ours = new InstanceSignature("the key");
    private final InstanceEntry signed = ours.signed(Entries.entry("a", 1, Entries.NOON));

    @Test
    void shouldVerifyWhatBearsTheSameKey() {
        assertThat(new InstanceSignature("the key").verifies(signed)).isTrue();
    }

    @Test
    void shouldRefuseWhatBearsAnotherKeyOrNone() {
        assertThat(new InstanceSignature("another key").verifies(signed)).isFalse();
        assertThat(ours.verifies(Entries.entry("a", 1, Entries.NOON))).isFalse();
    }

    @Test
    void shouldRefuseWhatWasChangedInAnyField() {
        changed(entry -> entry.setInstanceId("b"));
        changed(entry -> entry.setUrl("http://thief.example:8080"));
        changed(entry -> entry.setRoles(List.of("gateway", "rag")));
        changed(entry -> entry.setStores(List.of()));
        changed(entry -> entry.setTopologies(List.of("runs")));
        changed(entry -> entry.setAt(Entries.NOON.plusMillis(1)));
        changed(entry -> entry.setSeq(2));
    }

    @Test
    void shouldNotTakeOneListForAnother() {
        InstanceEntry first = InstanceEntry.newBuilder(signed)
                .setRoles(List.of("a"))
                .setStores(List.of("b"))
                .build();
        InstanceEntry second = InstanceEntry.newBuilder(signed)
                .setRoles(List.of())
                .setStores(List.of("a", "b"))
                .build();

        assertThat(ours.signed(first).getSignature())
                .isNotEqualTo(ours.signed(second).getSignature());
    }

    @Test
    void shouldNotShowTheKey() {
        assertThat(signed.toString()).doesNotContain("the key");
    }

    private void changed(Consumer<InstanceEntry> change) {
        InstanceEntry other = InstanceEntry.newBuilder(signed).build();
        change.accept(other);
        assertThat(ours.verifies(other)).isFalse();
    }
}
