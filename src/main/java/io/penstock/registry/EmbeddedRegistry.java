package io.penstock.registry;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import io.penstock.serde.SchemaRegistry;
import java.util.ArrayList;
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
    private final SchemaLog log;
    private final Map<Integer, Schema> parsed = new ConcurrentHashMap<>();

    private EmbeddedRegistry(KafkaSettings settings) {
        this.log = new SchemaLog(settings, state);
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
        Schema known = parsed.get(id);
        if (known != null) {
            return known;
        }
        String text = state.schema(id)
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.RECORD_UNDECODABLE,
                        "The registry has no schema with id " + id
                                + "; the record was written with another registry, or is not Avro."));
        Schema schema = SchemaText.parse(text);
        parsed.put(id, schema);
        return schema;
    }

    /** Stops reading and writing. */
    @Override
    public void close() {
        log.close();
    }

    /** Finds a schema under its subject, or adds it as the next version if the subject's level allows. */
    SchemaVersion registerVersion(String subject, Schema schema) {
        String text = SchemaText.canonical(schema);
        Optional<SchemaVersion> known = find(subject, text, false);
        if (known.isPresent()) {
            return known.get();
        }
        return log.update(() -> find(subject, text, false)
                .map(version -> new SchemaLog.Update<>(List.<SchemaRecords.Entry>of(), version))
                .orElseGet(() -> add(subject, schema, text)));
    }

    Optional<SchemaVersion> find(String subject, Schema schema, boolean withDeleted) {
        return find(subject, SchemaText.canonical(schema), withDeleted);
    }

    /** Deletes all versions of a subject and answers them: first softly, then for good. */
    List<SchemaVersion> deleteSubject(String subject, boolean permanently) {
        return log.update(() -> permanently ? forgetSubject(subject) : softDelete(subject));
    }

    /** Deletes one version: first softly, then for good. */
    void deleteVersion(SchemaVersion version, boolean permanently) {
        log.update(() -> {
            SchemaVersion current = state.versions(version.subject(), true).stream()
                    .filter(each -> each.version() == version.version())
                    .findFirst()
                    .orElseThrow(() -> RegistryException.noVersion(Integer.toString(version.version())));
            if (permanently && !current.deleted()) {
                throw new RegistryException(
                        RegistryException.VERSION_NOT_SOFT_DELETED,
                        "Subject '" + version.subject() + "' Version " + version.version()
                                + " was not deleted first before being permanently deleted");
            }
            SchemaRecords.Entry entry = permanently
                    ? SchemaRecords.versionGone(version.subject(), version.version())
                    : SchemaRecords.version(current.withDeleted(true));
            return new SchemaLog.Update<>(List.of(entry), current);
        });
        parsed.clear();
    }

    /** Sets the level of a subject, or of all that have none (null); a null level removes it. */
    void setLevel(@Nullable String subject, @Nullable CompatibilityLevel level) {
        log.update(() -> new SchemaLog.Update<>(List.of(SchemaRecords.level(subject, level)), true));
    }

    /** The level that holds for a subject. */
    CompatibilityLevel levelFor(String subject) {
        return state.level(subject).orElseGet(state::globalLevel);
    }

    RegistryState state() {
        return state;
    }

    private Optional<SchemaVersion> find(String subject, String text, boolean withDeleted) {
        List<SchemaVersion> versions = state.versions(subject, withDeleted);
        return versions.reversed().stream()
                .filter(version -> version.schema().equals(text) || sameSchema(version.schema(), text))
                .findFirst();
    }

    /** Another registry may have written the text with other spacing. */
    private static boolean sameSchema(String kept, String text) {
        return kept.length() >= text.length()
                && SchemaText.canonical(SchemaText.parse(kept)).equals(text);
    }

    private SchemaLog.Update<SchemaVersion> add(String subject, Schema schema, String text) {
        List<String> problems = Compatibility.problems(levelFor(subject), schema, state.versions(subject, false));
        if (!problems.isEmpty()) {
            throw new RegistryException(
                    RegistryException.INCOMPATIBLE,
                    "Schema being registered is incompatible with an earlier schema for subject \"" + subject
                            + "\" (compatibility " + levelFor(subject) + "): " + String.join(" ", problems));
        }
        SchemaVersion version = new SchemaVersion(subject, state.nextVersion(subject), state.idFor(text), text, false);
        return new SchemaLog.Update<>(List.of(SchemaRecords.version(version)), version);
    }

    private SchemaLog.Update<List<SchemaVersion>> softDelete(String subject) {
        List<SchemaVersion> versions = state.versions(subject, false);
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        List<SchemaRecords.Entry> entries = new ArrayList<>();
        entries.add(SchemaRecords.subjectDeleted(subject, versions.getLast().version()));
        if (state.level(subject).isPresent()) {
            entries.add(SchemaRecords.level(subject, null));
        }
        return new SchemaLog.Update<>(entries, versions);
    }

    private SchemaLog.Update<List<SchemaVersion>> forgetSubject(String subject) {
        List<SchemaVersion> versions = state.versions(subject, true);
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        if (versions.stream().anyMatch(version -> !version.deleted())) {
            throw new RegistryException(
                    RegistryException.SUBJECT_NOT_SOFT_DELETED,
                    "Subject '" + subject + "' was not deleted first before being permanently deleted");
        }
        List<SchemaRecords.Entry> entries = new ArrayList<>();
        versions.forEach(version -> entries.add(SchemaRecords.versionGone(subject, version.version())));
        entries.add(SchemaRecords.subjectDeletionGone(subject));
        parsed.clear();
        return new SchemaLog.Update<>(entries, versions);
    }
}
