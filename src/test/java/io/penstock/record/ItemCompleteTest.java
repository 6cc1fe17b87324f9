package io.penstock.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class ItemCompleteTest {
    @Test
    void shouldReadWhatItWrote() {
        ItemComplete item = new ItemComplete("run-1", "garden/notes/files/ros\u00e9s/2");

        assertThat(ItemComplete.decode(item.encode())).isEqualTo(item);
        assertThat(new String(item.encode(), UTF_8)).isEqualTo("run-1\ngarden/notes/files/ros\u00e9s/2");
    }

    @Test
    void shouldFindEveryItemThatARecordCompletes() {
        RecordHeaders headers = new RecordHeaders();
        assertThat(ItemComplete.of(headers)).isEmpty();
        headers.add(ItemComplete.HEADER, new ItemComplete("r1", "a").encode());
        headers.add("other", new byte[0]);
        headers.add(ItemComplete.HEADER, new ItemComplete("r2", "b").encode());

        assertThat(ItemComplete.of(headers)).containsExactly(new ItemComplete("r1", "a"), new ItemComplete("r2", "b"));
    }

    @Test
    void shouldRefuseAnotherForm() {
        for (String text : new String[] {"", "run", "\nrecord", "run\n"}) {
            assertThatThrownBy(() -> ItemComplete.decode(text.getBytes(UTF_8)))
                    .isInstanceOfSatisfying(
                            PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_INVALID));
        }
    }
}
