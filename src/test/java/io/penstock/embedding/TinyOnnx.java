package io.penstock.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** Writes a minimal ONNX model (protocol buffers by hand): one Identity node over floats of shape [1]. */
final class TinyOnnx {
    private TinyOnnx() {}

    static byte[] identity(String input, String output) {
        byte[] node = join(text(1, input), text(2, output), text(4, "Identity"));
        byte[] graph = join(bytes(1, node), text(2, "tiny"), bytes(11, value(input)), bytes(12, value(output)));
        byte[] opset = number(2, 13);
        return join(number(1, 8), bytes(7, graph), bytes(8, opset));
    }

    private static byte[] value(String name) {
        byte[] shape = bytes(1, number(1, 1));
        byte[] tensor = join(number(1, 1), bytes(2, shape));
        return join(text(1, name), bytes(2, bytes(1, tensor)));
    }

    private static byte[] text(int field, String value) {
        return bytes(field, value.getBytes(UTF_8));
    }

    private static byte[] bytes(int field, byte[] value) {
        if (value.length > 127) {
            throw new IllegalArgumentException("Lengths here are one byte.");
        }
        return join(new byte[] {(byte) (field << 3 | 2), (byte) value.length}, value);
    }

    private static byte[] number(int field, int value) {
        return new byte[] {(byte) (field << 3), (byte) value};
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
