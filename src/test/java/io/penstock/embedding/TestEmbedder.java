package io.penstock.embedding;

import java.nio.file.Path;

/** The real model, loaded once for all tests of a JVM. Never closed: it ends with the JVM. */
public final class TestEmbedder {
    private TestEmbedder() {}

    public static OnnxEmbedder shared() {
        return Holder.EMBEDDER;
    }

    /** Settings that keep what is unpacked inside the build folder. */
    static EmbeddingSettings settings() {
        return EmbeddingSettings.defaults().withSessions(2).withNativeFolder(Path.of("target", "native"));
    }

    private static final class Holder {
        static final OnnxEmbedder EMBEDDER = OnnxEmbedder.open(settings());
    }
}
