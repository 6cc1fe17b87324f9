package io.penstock.topology;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.kafka.Topics;
import io.penstock.serde.AvroSerdes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** A topology on the test driver, with records of Avro going in and out. Time passes when told to. */
public final class DrivenTopology implements AutoCloseable {
    private final AvroSerdes serdes;
    private final TopologyTestDriver driver;
    private final Map<String, TestInputTopic<byte[], byte[]>> inputs = new HashMap<>();
    private final Map<String, TestOutputTopic<byte[], byte[]>> outputs = new HashMap<>();
    private Instant now;

    public DrivenTopology(AvroSerdes serdes, Topology topology, Instant start) {
        this.serdes = serdes;
        this.now = start;
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "driven");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, newFolder().toString());
        settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        this.driver = new TopologyTestDriver(topology, settings, start);
    }

    /** An output. */
    public record Out<T>(@Nullable String key, T value, long timestamp, Headers headers) {
        public String header(String name) {
            return new String(headers.lastHeader(name).value(), UTF_8);
        }
    }

    /** What was dead-lettered, and why. */
    public record Letter(@Nullable String key, byte @Nullable [] value, String code, String message, String stage) {}

    public void send(String topic, @Nullable String key, SpecificRecord value) {
        send(topic, key, bytes(topic, value), now, new RecordHeaders());
    }

    public void send(String topic, @Nullable String key, SpecificRecord value, Headers headers) {
        send(topic, key, bytes(topic, value), now, headers);
    }

    @SuppressWarnings("NullAway") // keys and values of Kafka records may be null; the driver declares neither
    public void send(String topic, @Nullable String key, byte @Nullable [] value, Instant at, Headers headers) {
        inputs.computeIfAbsent(
                        topic,
                        name -> driver.createInputTopic(name, new ByteArraySerializer(), new ByteArraySerializer()))
                .pipeInput(
                        new TestRecord<>(key == null ? null : key.getBytes(UTF_8), value, headers, at.toEpochMilli()));
    }

    @SuppressWarnings("unchecked") // the record's class is that of its type
    public <T extends SpecificRecord> byte[] bytes(String topic, T value) {
        return serdes.codec((Class<T>) value.getClass()).encode(topic, value);
    }

    /** What came out since the last call, in order. */
    public <T extends SpecificRecord> List<Out<T>> read(String topic, Class<T> type) {
        return raw(topic).stream()
                .map(record -> new Out<>(
                        text(record.key()),
                        serdes.codec(type).decode(record.value()),
                        record.timestamp(),
                        record.headers()))
                .toList();
    }

    public <T extends SpecificRecord> List<T> values(String topic, Class<T> type) {
        return read(topic, type).stream().map(Out::value).toList();
    }

    public List<Letter> deadLetters(String topology) {
        return raw(Topics.deadLetter(topology)).stream()
                .map(record -> new Letter(
                        text(record.key()),
                        record.value(),
                        header(record, DeadLetterHeaders.CODE),
                        header(record, DeadLetterHeaders.MESSAGE),
                        header(record, DeadLetterHeaders.STAGE)))
                .toList();
    }

    private List<TestRecord<byte[], byte[]>> raw(String topic) {
        return outputs.computeIfAbsent(
                        topic,
                        name -> driver.createOutputTopic(
                                name, new ByteArrayDeserializer(), new ByteArrayDeserializer()))
                .readRecordsToList();
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, UTF_8);
    }

    public Instant now() {
        return now;
    }

    public void advance(Duration time) {
        now = now.plus(time);
        driver.advanceWallClockTime(time);
    }

    public <V> KeyValueStore<String, V> store(String name) {
        return driver.getKeyValueStore(name);
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target", "driven")), "state-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.close();
    }
}
