package io.penstock.registry;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import io.penstock.serde.SchemaRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A schema registry inside this process. Its memory is the compacted Kafka topic {@code _schemas}, in the record format of
 * Confluent's registry; a write is answered once it is read back from there, so that several instances agree. May be called
 * from any thread.
 */
public final class EmbeddedRegistry implements SchemaRegistry, AutoCloseable {
    private final RegistryState state = new RegistryState();
    private final SchemaResolver resolver = new SchemaResolver(state);
    private final SchemaLog log;
    private final Registration registration;
    private final Deletion deletion;
    private final Configuration configuration;
    private final Map<Integer, ParsedSchema> parsed = new ConcurrentHashMap<>();

    private EmbeddedRegistry(KafkaSettings settings) {
        this.log = new SchemaLog(settings, state);
        this.registration = new Registration(state, log, resolver);
        this.deletion = new Deletion(state, log);
        this.configuration = new Configuration(state, log);
    }

    /**
     * Starts it, and returns when all schemas are loaded. The topic must exist.
     *
     * @throws PenstockException {@code not-ready} when Kafka does not answer
     */
    public static EmbeddedRegistry start(KafkaSettings settings) {
        EmbeddedRegistry registry = new EmbeddedRegistry(settings);
        try {
            registry.log.start();
            return registry;
        } catch (PenstockException e) {
            registry.close();
            throw e;
        }
    }

    @Override
    public int register(String subject, Schema schema) {
        try {
            return registerVersion(subject, schema).id();
        } catch (RegistryException e) {
            throw new PenstockException(ErrorCode.SCHEMA_INCOMPATIBLE, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Schema schema(int id) {
        SchemaContent content = content(id)
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.RECORD_UNDECODABLE,
                        "The registry has no schema with id " + id
                                + "; the record was written with another registry, or is not Avro."));
        ParsedSchema known = parsed.get(id);
        if (known != null && known.content().equals(content)) {
            return known.schema();
        }
        try {
            Schema schema = resolver.parseKept(content);
            parsed.put(id, new ParsedSchema(content, schema));
            return schema;
        } catch (RegistryException e) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE, "The schema with id " + id + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Stops reading and writing. */
    @Override
    public void close() {
        log.close();
    }

    /** Finds a schema under its subject, or adds it as the next version if the subject's level allows. */
    SchemaVersion registerVersion(String subject, Schema schema) {
        return register(
                subject,
                new SchemaRequest(SchemaContent.avro(schema.toString()), SchemaRequest.NONE, SchemaRequest.NONE),
                false);
    }

    SchemaVersion register(String subject, SchemaRequest request, boolean normalize) {
        return registration.register(subject, request, normalize);
    }

    /** The newest version of a subject that is this schema. */
    Optional<SchemaVersion> find(String subject, SchemaContent content, boolean normalize, VersionFilter filter) {
        return registration.find(subject, resolver.parse(content), normalize || state.normalizes(subject), filter);
    }

    /** What an id stands for; another instance may have given it a moment ago. */
    Optional<SchemaContent> content(int id) {
        Optional<SchemaContent> known = state.schema(id);
        if (known.isPresent()) {
            return known;
        }
        log.catchUp();
        return state.schema(id);
    }

    /** What stands in the way of a schema beside some versions of a subject. */
    List<String> problems(String subject, SchemaContent content, List<SchemaVersion> versions) {
        return Compatibility.problems(
                state.levelFor(subject), resolver.parse(content).schema(), versions, resolver);
    }

    /** Deletes all versions of a subject and answers them: first softly, then for good. */
    List<SchemaVersion> deleteSubject(String subject, boolean permanently) {
        return deletion.subject(subject, permanently);
    }

    /** Deletes one version: first softly, then for good. */
    void deleteVersion(SchemaVersion version, boolean permanently) {
        deletion.version(version, permanently);
    }

    /** Sets the level of a subject, or of all that have none (null). */
    void setLevel(@Nullable String subject, CompatibilityLevel level) {
        configuration.set(subject, level, null);
    }

    /** The level that holds for a subject. */
    CompatibilityLevel levelFor(String subject) {
        return state.levelFor(subject);
    }

    Configuration configuration() {
        return configuration;
    }

    RegistryState state() {
        return state;
    }
}
