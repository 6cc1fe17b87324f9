package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {
    private static List<Event> read(String text) throws IOException {
        EventReader reader = new EventReader(new ByteArrayInputStream(text.getBytes(UTF_8)));
        List<Event> events = new ArrayList<>();
        for (Optional<Event> event = reader.next(); event.isPresent(); event = reader.next()) {
            events.add(event.get());
        }
        return events;
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void shouldReadEventsWhateverEndsTheirLines(String end) throws IOException {
        String text =
                "\ufeffid: 1\nevent: text\ndata: {\"text\":\"Größe\"}\n\n: comment\nretry: 5\n\ndata:one\ndata: two\ndata\n\n"
                        .replace("\n", end);

        assertThat(read(text))
                .containsExactly(
                        new Event("text", "{\"text\":\"Größe\"}", "1"), new Event("message", "one\ntwo\n", ""));
    }

    @Test
    void shouldDropWhatHasNoDataOrNoEnd() throws IOException {
        assertThat(read("event: empty\nid: 1\n\ndata: whole\n\ndata: torn"))
                .containsExactly(new Event("message", "whole", ""));
        assertThat(read("")).isEmpty();
    }

    @Test
    void shouldIgnoreAnIdThatNoHeaderCouldHold() throws IOException {
        assertThat(read("id: a\0b\ndata: x\n\n")).containsExactly(new Event("message", "x", ""));
    }

    @Test
    @Timeout(10)
    void shouldGiveAnEventBeforeAnythingFollows() throws IOException {
        try (PipedOutputStream out = new PipedOutputStream();
                InputStream in = new PipedInputStream(out)) {
            out.write("data: x\r\r".getBytes(UTF_8));
            out.flush();

            assertThat(new EventReader(in).next()).contains(new Event("message", "x", ""));
        }
    }
}
