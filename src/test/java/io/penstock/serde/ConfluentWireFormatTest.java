package io.penstock.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Inference;
import io.penstock.schema.LabelScore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConfluentWireFormatTest {
    private static final int HEADER = 5;

    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroCodec<Inference> codec = new AvroSerdes(registry).codec(Inference.class);

    @Test
    void shouldReadBackWhatItWroteWithMagicAndIdInFront() {
        Inference value = inference("text with an ö and a \uD83D\uDE00");
        byte[] bytes = codec.encode("inference", value);

        assertThat(bytes[0]).isZero();
        assertThat(ByteBuffer.wrap(bytes, 1, 4).getInt())
                .isEqualTo(registry.register("inference-value", Inference.getClassSchema()));
        assertThat(codec.decode(bytes)).isEqualTo(value);
    }

    @Test
    void shouldReadWhatAnOlderSchemaWrote() throws IOException {
        Schema older = SchemaBuilder.record("Inference")
                .namespace("io.penstock.schema")
                .fields()
                .requiredString("topic")
                .requiredString("gone_since")
                .endRecord();
        GenericRecord record = new GenericData.Record(older);
        record.put("topic", "economy");
        record.put("gone_since", "x");

        assertThat(codec.decode(bytes(older, record)).getTopic()).isEqualTo("economy");
    }

    @Test
    void shouldKeepThreadsApart() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                Inference value = inference("x".repeat(i * 17));
                work.add(() -> codec.decode(codec.encode("inference", value)).equals(value));
            }
            for (Future<Boolean> same : threads.invokeAll(work)) {
                assertThat(same.get()).isTrue();
            }
        }
    }

    @Test
    void shouldSayRecordInvalidAndThenGoOnWhenAValueLacksWhatItsTypeRequires() {
        Inference broken = inference("x");
        broken.setTopic(null);

        assertThatThrownBy(() -> codec.encode("inference", broken))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_INVALID));
        Inference sound = inference("y");
        assertThat(codec.decode(codec.encode("inference", sound))).isEqualTo(sound);
    }

    @Test
    void shouldThrowNothingButPenstockExceptionsWhateverTheBytesAre() {
        byte[] sound = codec.encode("inference", inference("some text"));
        Random random = new Random(42);
        int undecodable = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = mutated(sound, random);
            Throwable thrown = catchThrowable(() -> codec.decode(bytes));
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(PenstockException.class);
                assertThat(((PenstockException) thrown).code()).isEqualTo(ErrorCode.RECORD_UNDECODABLE);
                undecodable++;
            }
        }
        assertThat(undecodable).isPositive();
        assertThat(codec.decode(sound)).isEqualTo(inference("some text"));
    }

    @Test
    void shouldNotAllocateWhatTheBytesOnlyClaim() throws IOException {
        for (String type : List.of("\"bytes\"", "\"string\"", "{\"type\": \"array\", \"items\": \"null\"}")) {
            Schema schema = new Schema.Parser()
                    .parse("{\"type\": \"record\", \"name\": \"Inference\", \"namespace\": \"io.penstock.schema\","
                            + " \"fields\": [{\"name\": \"topic\", \"type\": \"string\"}, {\"name\": \"huge\", \"type\": "
                            + type + "}]}");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(ByteBuffer.allocate(HEADER)
                    .put((byte) 0)
                    .putInt(registry.register("s", schema))
                    .array());
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            encoder.writeString("t");
            encoder.writeLong(2_000_000_000L);
            encoder.flush();

            assertThatThrownBy(() -> codec.decode(out.toByteArray()))
                    .as(type)
                    .isInstanceOf(PenstockException.class)
                    .hasMessageContaining("2000000000");
        }
    }

    @Test
    void shouldSurviveARecursionWithoutEnd() throws IOException {
        Schema node = new Schema.Parser()
                .parse(
                        "{\"type\": \"record\", \"name\": \"Inference\", \"namespace\": \"io.penstock.schema\", \"fields\":"
                                + " [{\"name\": \"next\", \"type\": [\"null\", \"Inference\"]}]}");
        byte[] bytes = new byte[2_000_000];
        Arrays.fill(bytes, (byte) 2);
        ByteBuffer.wrap(bytes).put((byte) 0).putInt(registry.register("s", node));

        assertThatThrownBy(() -> codec.decode(bytes)).isInstanceOf(PenstockException.class);
    }

    @Test
    void shouldPassNullsThroughSerdes() {
        Serde<Inference> serde = new AvroSerdes(registry).store(Inference.class);
        assertThat(serde.serializer().serialize("t", null)).isNull();
        assertThat(serde.deserializer().deserialize("t", null)).isNull();
    }

    private static Inference inference(String text) {
        return Inference.newBuilder()
                .setTopic("economy")
                .setSegment("statements")
                .setText(text)
                .setCapturedAt(Instant.ofEpochMilli(1_700_000_000_000L))
                .setAttributes(Map.of("k", "v"))
                .setLabels(List.of(
                        LabelScore.newBuilder().setName("easing").setScore(0.5).build()))
                .build();
    }

    private byte[] bytes(Schema schema, GenericRecord record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.writeBytes(
                ByteBuffer.allocate(4).putInt(registry.register("s", schema)).array());
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    /** Flips, cuts or replaces bytes, mostly behind the header so that the schema is found. */
    private static byte[] mutated(byte[] sound, Random random) {
        byte[] bytes = random.nextInt(4) == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length + 1)) : sound.clone();
        int from = random.nextInt(10) == 0 ? 0 : HEADER;
        for (int i = random.nextInt(6); i > 0 && bytes.length > from; i--) {
            bytes[from + random.nextInt(bytes.length - from)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
