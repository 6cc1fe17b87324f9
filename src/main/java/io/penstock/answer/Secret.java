package io.penstock.answer;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The key of an endpoint, taken out of whatever the endpoint says: some echo it. Keys of fewer than {@link #SHORTEST} characters
 * are the placeholders of endpoints that want none, and may be words of any text.
 */
final class Secret {
    static final int SHORTEST = 8;

    private static final String MASK = "***";

    private final @Nullable String key;

    Secret(@Nullable String key) {
        this.key = key == null || key.length() < SHORTEST ? null : key;
    }

    String redact(String text) {
        return key == null ? text : text.replace(key, MASK);
    }

    /** Redacts a text that arrives in pieces, in which the key may be divided: what may be its beginning is held back. */
    Stream stream(Consumer<String> out) {
        return new Stream(out);
    }

    /** Belongs to one thread. */
    final class Stream {
        private final Consumer<String> out;
        private String held = "";

        private Stream(Consumer<String> out) {
            this.out = out;
        }

        void push(String piece) {
            String text = redact(held + piece);
            int from = text.length() - beginningAtEnd(text);
            held = text.substring(from);
            tell(text.substring(0, from));
        }

        /** Nothing follows. */
        void end() {
            tell(held);
            held = "";
        }

        private void tell(String text) {
            if (!text.isEmpty()) {
                out.accept(text);
            }
        }

        /** Length of the longest end of the text that the key begins with. */
        private int beginningAtEnd(String text) {
            if (key == null) {
                return 0;
            }
            int length = Math.min(key.length() - 1, text.length());
            while (length > 0 && !key.startsWith(text.substring(text.length() - length))) {
                length--;
            }
            return length;
        }
    }
}
