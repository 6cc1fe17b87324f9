package io.penstock.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes minimal ONNX models (protocol buffers by hand). */
final class TinyOnnx {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private TinyOnnx() {}

    /** One Identity node over floats of shape [1]. */
    static byte[] identity(String input, String output) {
        byte[] node = join(text(1, input), text(2, output), text(4, "Identity"));
        return model(join(
                bytes(1, node),
                text(2, "tiny"),
                bytes(11, value(input, FLOAT, 1)),
                bytes(12, value(output, FLOAT, 1))));
    }

    /** A sentence model that knows so many tokens: the vector of each is filled with one value. */
    static byte[] sentences(int tokens, int dimension, float filledWith) {
        byte[] node = join(text(1, "table"), text(1, "input_ids"), text(2, "last_hidden_state"), text(4, "Gather"));
        float[] table = new float[tokens * dimension];
        Arrays.fill(table, filledWith);
        return model(join(
                bytes(1, node),
                text(2, "tiny"),
                bytes(5, tensor("table", table, tokens, dimension)),
                bytes(11, value("input_ids", INT64, -1, -1)),
                bytes(11, value("attention_mask", INT64, -1, -1)),
                bytes(12, value("last_hidden_state", FLOAT, -1, -1, dimension))));
    }

    /** Takes what a sentence model takes, and gives one vector for the whole text instead of one for each token. */
    static byte[] pooled() {
        byte[] node = join(text(1, "table"), text(1, "input_ids"), text(2, "sentence_embedding"), text(4, "Gather"));
        return model(join(
                bytes(1, node),
                text(2, "tiny"),
                bytes(5, tensor("table", new float[] {1, 2}, 2)),
                bytes(11, value("input_ids", INT64, -1, -1)),
                bytes(11, value("attention_mask", INT64, -1, -1)),
                bytes(12, value("sentence_embedding", FLOAT, -1, -1))));
    }

    /** A tokenizer of words that are separated by blanks; each has the id of its place, and the first stands for all others. */
    static String tokenizer(String... words) {
        StringBuilder vocabulary = new StringBuilder();
        for (int i = 0; i < words.length; i++) {
            vocabulary
                    .append(i == 0 ? "" : ",")
                    .append('"')
                    .append(words[i])
                    .append("\":")
                    .append(i);
        }
        return "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],\"normalizer\":null,"
                + "\"pre_tokenizer\":{\"type\":\"Whitespace\"},\"post_processor\":null,\"decoder\":null,"
                + "\"model\":{\"type\":\"WordLevel\",\"vocab\":{" + vocabulary + "},\"unk_token\":\"" + words[0]
                + "\"}}";
    }

    private static byte[] model(byte[] graph) {
        return join(number(1, 8), bytes(7, graph), bytes(8, number(2, 13)));
    }

    private static byte[] tensor(String name, float[] values, int... dimensions) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        byte[] dims = new byte[0];
        for (int dimension : dimensions) {
            dims = join(dims, number(1, dimension));
        }
        return join(dims, number(2, FLOAT), text(8, name), bytes(9, raw.array()));
    }

    /** @param dimensions of which a negative one may be of any size */
    private static byte[] value(String name, int type, int... dimensions) {
        byte[] shape = new byte[0];
        for (int i = 0; i < dimensions.length; i++) {
            shape = join(shape, bytes(1, dimensions[i] < 0 ? text(2, "any" + i) : number(1, dimensions[i])));
        }
        return join(text(1, name), bytes(2, bytes(1, join(number(1, type), bytes(2, shape)))));
    }

    private static byte[] text(int field, String value) {
        return bytes(field, value.getBytes(UTF_8));
    }

    private static byte[] bytes(int field, byte[] value) {
        return join(new byte[] {(byte) ((field << 3) | 2)}, varint(value.length), value);
    }

    private static byte[] number(int field, int value) {
        return join(new byte[] {(byte) (field << 3)}, varint(value));
    }

    private static byte[] varint(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (rest > 127) {
            out.write((rest & 127) | 128);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
