package io.penstock.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Alert;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A serde in a jar that is not on the class path. */
class SerdeJarsTest {
    /** Writes the topic of an alert as text, with Avro's classes and Kafka's of the application. */
    private static final String SOURCE = """
            package elsewhere;

            import org.apache.avro.specific.SpecificRecord;
            import org.apache.kafka.common.serialization.*;

            public class JarSerde implements Serde<SpecificRecord> {
                public Serializer<SpecificRecord> serializer() {
                    return (topic, value) -> value.get(1).toString().getBytes();
                }

                public Deserializer<SpecificRecord> deserializer() {
                    return (topic, bytes) -> null;
                }
            }
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldUseASerdeOutOfAFolderOfJars() throws IOException {
        Path jars = Files.createDirectory(folder.resolve("jars"));
        jar(jars.resolve("serde.jar"));

        AvroSerdes serdes = AvroSerdes.of("elsewhere.JarSerde", Map.of(), jars.toString());

        Alert alert = Alert.newBuilder()
                .setTopic("economy")
                .setSegmentTargets(List.of("a"))
                .build();
        assertThat(serdes.codec(Alert.class).encode("alert", alert)).isEqualTo("economy".getBytes(UTF_8));
    }

    @Test
    void shouldStopTheStartWhenAJarOrAClassIsNotThere() {
        assertInvalid("none.jar", folder.resolve("none.jar").toString());
        assertInvalid("elsewhere.JarSerde", "");
    }

    private static void assertInvalid(String part, String jars) {
        assertThatThrownBy(() -> AvroSerdes.of("elsewhere.JarSerde", Map.of(), jars))
                .isInstanceOfSatisfying(PenstockException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                    assertThat(e.detail()).contains(part);
                });
    }

    private void jar(Path jar) throws IOException {
        Path source = folder.resolve("JarSerde.java");
        Files.writeString(source, SOURCE);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int code = compiler.run(
                null,
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString());
        assertThat(code).isZero();
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("elsewhere/JarSerde.class"));
            out.write(Files.readAllBytes(folder.resolve("elsewhere/JarSerde.class")));
            out.closeEntry();
        }
    }
}
