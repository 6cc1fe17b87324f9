package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/** Makes the serdes of all record types, over one registry or from a serde class that the user names. */
public final class AvroSerdes {
    static final String SUBJECT_STRATEGY = "value.subject.name.strategy";
    private static final String CONFLUENT_STRATEGIES = "io.confluent.kafka.serializers.subject.";

    private final Formats formats;

    /** Makes the wire format of a record type, for topics or for stores. */
    private interface Formats {
        <T extends SpecificRecord> WireFormat<T> of(Class<T> type, boolean store);
    }

    /** Penstock's own serde over a registry. */
    public AvroSerdes(SchemaRegistry registry) {
        this(new Formats() {
            @Override
            public <T extends SpecificRecord> WireFormat<T> of(Class<T> type, boolean store) {
                return new ConfluentWireFormat<>(
                        registry, type, store ? topic -> type.getName() : topic -> topic + "-value");
            }
        });
    }

    private AvroSerdes(Formats formats) {
        this.formats = formats;
    }

    /**
     * Serdes of a class that the user names, such as Confluent's {@code SpecificAvroSerde} when it is on the class path.
     *
     * @param className a {@code Serde} with a constructor without arguments, that reads and writes specific records
     * @param config what it is configured with, {@code schema.registry.url} among it
     * @throws PenstockException {@code config.invalid} when there is no such class, or it is no serde
     */
    public static AvroSerdes of(String className, Map<String, ?> config) {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return of(className, config, context == null ? AvroSerdes.class.getClassLoader() : context);
    }

    /**
     * As {@link #of(String, Map)}, with a class that is not on the application's class path.
     *
     * @param jars jar files, and folders whose jar files are meant, separated as in a class path; what the application has
     *     itself, such as Avro and Kafka's clients, is taken from there
     */
    public static AvroSerdes of(String className, Map<String, ?> config, String jars) {
        return of(className, config, SerdeJars.loader(jars, AvroSerdes.class.getClassLoader()));
    }

    private static AvroSerdes of(String className, Map<String, ?> config, ClassLoader loader) {
        if (className.equals(PenstockAvroSerde.class.getName())) {
            return new AvroSerdes(new RemoteRegistry(config));
        }
        instance(className, loader); // a wrong name must stop the start, not the first record
        return new AvroSerdes(new Formats() {
            @Override
            public <T extends SpecificRecord> WireFormat<T> of(Class<T> type, boolean store) {
                return new PluggedWireFormat<>(configured(className, config, store, loader), type);
            }
        });
    }

    /** For values on Kafka topics: the subject is the topic's name and {@code -value}. */
    public <T extends SpecificRecord> AvroCodec<T> codec(Class<T> type) {
        return new AvroCodec<>(type, formats.of(type, false));
    }

    /** For values on Kafka topics: the subject is the topic's name and {@code -value}. */
    public <T extends SpecificRecord> Serde<T> topic(Class<T> type) {
        return serde(codec(type));
    }

    /** For values in state stores and repartition topics: the subject is the full name of the record type. */
    public <T extends SpecificRecord> Serde<T> store(Class<T> type) {
        return serde(new AvroCodec<>(type, formats.of(type, true)));
    }

    /** For values inside a stage: what was decoded travels as the bytes it came as. */
    public <T extends SpecificRecord> Serde<Decoded<T>> decoded(Class<T> type) {
        AvroCodec<T> codec = codec(type);
        return Serdes.serdeFrom(
                (topic, value) -> value == null ? null : value.bytes(),
                (topic, bytes) -> bytes == null ? null : new Decoded<>(codec.decode(bytes), bytes));
    }

    private static <T extends SpecificRecord> Serde<T> serde(AvroCodec<T> codec) {
        return Serdes.serdeFrom(
                (topic, value) -> encodeOrNull(codec, topic, value),
                (topic, bytes) -> bytes == null ? null : codec.decode(bytes));
    }

    private static <T extends SpecificRecord> byte @Nullable [] encodeOrNull(
            AvroCodec<T> codec, String topic, @Nullable T value) {
        return value == null ? null : codec.encode(topic, value);
    }

    private static Serde<Object> configured(
            String className, Map<String, ?> config, boolean store, ClassLoader loader) {
        Map<String, Object> all = new HashMap<>(config);
        all.put("specific.avro.reader", true);
        all.put(SUBJECT_STRATEGY, CONFLUENT_STRATEGIES + (store ? "RecordNameStrategy" : "TopicNameStrategy"));
        // Confluent's serdes look their own classes up through the thread's loader.
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            Serde<Object> serde = instance(className, loader);
            serde.configure(all, false);
            return serde;
        } catch (KafkaException e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID, "The serde " + className + " refuses its settings: " + e.getMessage(), e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @SuppressWarnings("unchecked") // what it takes and gives is checked when it is used
    private static Serde<Object> instance(String className, ClassLoader loader) {
        try {
            Object made = Class.forName(className, true, loader)
                    .getDeclaredConstructor()
                    .newInstance();
            if (made instanceof Serde<?> serde) {
                return (Serde<Object>) serde;
            }
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID, className + " is no Kafka Serde; name the class of an Avro serde.");
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "The serde class " + className + " cannot be made (" + e
                            + "). Put its jar on the class path, and check the name.",
                    e);
        }
    }
}
