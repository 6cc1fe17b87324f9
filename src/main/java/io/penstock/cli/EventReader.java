package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of a {@code text/event-stream} as the HTML standard says (section 9.2.6), except that the id of an event that has
 * none is empty and not the one before. Fields that nobody needs here are passed over.
 */
final class EventReader {
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final InputStream stream;
    private boolean afterCarriageReturn;
    private boolean atStart = true;

    EventReader(InputStream stream) {
        this.stream = new BufferedInputStream(stream);
    }

    /** The next event; nothing at the end of the stream, where an event that was not ended is dropped. */
    Optional<Event> next() throws IOException {
        String name = "";
        String id = "";
        StringBuilder data = new StringBuilder();
        boolean hasData = false;
        for (String line = line(); line != null; line = line()) {
            if (line.isEmpty()) {
                if (hasData) {
                    return Optional.of(new Event(name.isEmpty() ? "message" : name, data.toString(), id));
                }
                name = "";
                id = "";
                continue;
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
            switch (field) {
                case "event" -> name = value;
                case "id" -> id = value.indexOf('\0') < 0 ? value : id;
                case "data" -> {
                    data.append(hasData ? "\n" : "").append(value);
                    hasData = true;
                }
                default -> {} // a comment, the time to wait before a new connection, or what is not known yet
            }
        }
        return Optional.empty();
    }

    /** A line may end with CR, LF or both; after a CR nobody waits for what may be the LF. */
    private @Nullable String line() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (true) {
            int next = stream.read();
            boolean skip = afterCarriageReturn && next == '\n';
            afterCarriageReturn = next == '\r';
            if (skip) {
                continue;
            }
            if (next < 0) {
                return null;
            }
            if (next == '\n' || next == '\r') {
                String line = bytes.toString(UTF_8);
                boolean marked = atStart && !line.isEmpty() && line.charAt(0) == BYTE_ORDER_MARK;
                atStart = false;
                return marked ? line.substring(1) : line;
            }
            bytes.write(next);
        }
    }
}
