package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;

class PendingEntrySerdeTest {
    private final PendingEntrySerde serde = new PendingEntrySerde();

    @Test
    void shouldReadWhatItWrote() {
        PendingEntry entry = new PendingEntry(
                1,
                2,
                3,
                4,
                5,
                "tópic",
                6,
                7,
                List.of(
                        new RecordHeader("a", new byte[] {1}),
                        new RecordHeader("a", null),
                        new RecordHeader("", new byte[0])),
                new byte[] {9, 8},
                new byte[0]);
        assertThat(read(write(entry))).usingRecursiveComparison().isEqualTo(entry);
    }

    @Test
    void shouldTellNullFromEmpty() {
        PendingEntry entry = new PendingEntry(1, 0, 0, 0, 0, "", -1, -1, List.of(), null, null);
        assertThat(read(write(entry)).key()).isNull();
        assertThat(read(write(entry)).value()).isNull();
    }

    @Test
    void shouldRefuseAnUnknownFormatAndSayWhatToDo() {
        byte[] bytes = write(new PendingEntry(1, 0, 0, 0, 0, "", -1, -1, List.of(), null, null));
        bytes[0] = 2;
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("format 2")
                .hasMessageContaining("Go back to the version");
    }

    @Test
    void shouldRefuseBytesThatAreCutOffAnywhere() {
        byte[] bytes =
                write(new PendingEntry(1, 0, 0, 0, 0, "t", -1, -1, List.of(), new byte[] {1}, new byte[] {2, 3}));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(SerializationException.class);
        }
    }

    private byte[] write(PendingEntry entry) {
        return serde.serializer().serialize("t", entry);
    }

    private PendingEntry read(byte[] bytes) {
        return serde.deserializer().deserialize("t", bytes);
    }
}
