package io.penstock.document;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What goes over the pipes between Penstock and a process that reads documents. Strings and contents are preceded by their
 * length, which the reader bounds: the process has read something hostile, and is not to be trusted.
 */
final class Exchange {
    /** The process writes it when it is ready. */
    static final int READY = 0x50454e53;

    private static final int READ = 1;
    private static final int REFUSED = 2;
    private static final int MAX_NAME = 4 * 1024;
    private static final int MAX_ATTRIBUTES = 64;
    private static final int MAX_ATTRIBUTE = 64 * 1024;
    private static final int MAX_CONTENT = 64 * 1024 * 1024;
    private static final int BYTES_OF_A_UNIT = 3;

    private Exchange() {}

    /**
     * One document to be read.
     *
     * @param type declared media type; empty when there is none
     * @param name name of the file, for what its extension tells; empty when there is none
     */
    record Order(byte[] content, String type, String name, Limits limits) {}

    /** Bounds that hold for one document. */
    record Limits(int maxCharacters, int maxEmbedded, int maxDepth, int seconds) {}

    /** What came of it. */
    sealed interface Reply {
        /** It was read. */
        record Read(DocumentText text) implements Reply {}

        /** It could not be read. */
        record Refused(Fault fault, String reason) implements Reply {}
    }

    /** Why a document cannot be read. */
    enum Fault {
        UNSUPPORTED,
        ENCRYPTED,
        BROKEN,
        BOMB,
        TOO_LONG
    }

    static void write(DataOutputStream out, Order order) throws IOException {
        string(out, order.type());
        string(out, order.name());
        out.writeInt(order.limits().maxCharacters());
        out.writeInt(order.limits().maxEmbedded());
        out.writeInt(order.limits().maxDepth());
        out.writeInt(order.limits().seconds());
        bytes(out, order.content());
        out.flush();
    }

    static Order readOrder(DataInputStream in) throws IOException {
        String type = string(in, MAX_NAME);
        String name = string(in, MAX_NAME);
        Limits limits = new Limits(in.readInt(), in.readInt(), in.readInt(), in.readInt());
        return new Order(bytes(in, MAX_CONTENT), type, name, limits);
    }

    static void write(DataOutputStream out, Reply reply) throws IOException {
        switch (reply) {
            case Reply.Read(DocumentText text) -> {
                out.writeByte(READ);
                out.writeBoolean(text.title() != null);
                if (text.title() != null) {
                    string(out, text.title());
                }
                out.writeInt(text.attributes().size());
                for (Map.Entry<String, String> attribute : text.attributes().entrySet()) {
                    string(out, attribute.getKey());
                    string(out, attribute.getValue());
                }
                bytes(out, text.text().getBytes(UTF_8));
            }
            case Reply.Refused(Fault fault, String reason) -> {
                out.writeByte(REFUSED);
                string(out, fault.name());
                string(out, reason);
            }
        }
        out.flush();
    }

    static Reply readReply(DataInputStream in, int maxCharacters) throws IOException {
        int kind = in.readByte();
        if (kind == REFUSED) {
            return new Reply.Refused(fault(string(in, MAX_NAME)), string(in, MAX_ATTRIBUTE));
        }
        if (kind != READ) {
            throw new IOException("not a reply: " + kind);
        }
        String title = in.readBoolean() ? string(in, MAX_ATTRIBUTE) : null;
        int count = in.readInt();
        if (count < 0 || count > MAX_ATTRIBUTES) {
            throw new IOException("not a reply: " + count + " attributes");
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = string(in, MAX_NAME);
            attributes.put(name, string(in, MAX_ATTRIBUTE));
        }
        long most = Math.min(Integer.MAX_VALUE - 8, MAX_ATTRIBUTE + (long) BYTES_OF_A_UNIT * maxCharacters);
        return new Reply.Read(new DocumentText(title, new String(bytes(in, (int) most), UTF_8), attributes));
    }

    private static Fault fault(String name) throws IOException {
        try {
            return Fault.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new IOException("not a reply: " + cut(name, 100), e);
        }
    }

    /** At most so many UTF-16 units, so that it fits; never half a character. */
    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }

    static @Nullable String cutAttribute(@Nullable String value) {
        return value == null ? null : cut(value, MAX_ATTRIBUTE / BYTES_OF_A_UNIT);
    }

    private static void string(DataOutputStream out, String text) throws IOException {
        bytes(out, text.getBytes(UTF_8));
    }

    private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String string(DataInputStream in, int most) throws IOException {
        return new String(bytes(in, most), UTF_8);
    }

    private static byte[] bytes(DataInputStream in, int most) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > most) {
            throw new IOException("a part of " + length + " bytes, where at most " + most + " are allowed");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}
