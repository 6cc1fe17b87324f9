package io.penstock.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.serde.RegistryHttp.Reply;
import io.penstock.serde.RemoteRegistryConfig.Registering;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * A client of any registry that speaks Confluent's REST API. It remembers what it was told, since an id never changes its
 * schema; that an id is unknown it believes for a few seconds only, since it may be registered. May be called from any thread.
 */
public final class RemoteRegistry implements SchemaRegistry, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int UNPROCESSABLE = 422;
    private static final int MOST_MISSING = 10_000;

    private final RemoteRegistryConfig config;
    private final RegistryHttp http;
    private final Map<Registered, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final Map<String, Latest> latest = new ConcurrentHashMap<>();
    private final Map<Integer, Long> missingSince = new ConcurrentHashMap<>();

    private record Registered(String subject, Schema schema) {}

    private record Latest(int id, Schema schema, long askedAt) {}

    /**
     * Takes Confluent's setting names, each also with the prefix {@code schema.registry.}; other settings are passed over.
     *
     * @param config {@code schema.registry.url} (several separated by commas), {@code basic.auth.credentials.source} ({@code
     *     USER_INFO} or {@code URL}), {@code basic.auth.user.info}, {@code bearer.auth.credentials.source} ({@code
     *     STATIC_TOKEN}), {@code bearer.auth.token}, {@code auto.register.schemas}, {@code use.latest.version}, {@code
     *     latest.compatibility.strict}, {@code latest.cache.ttl.sec}, {@code missing.id.cache.ttl.sec}, {@code
     *     http.connect.timeout.ms}, {@code http.read.timeout.ms}, {@code max.retries}, {@code retries.wait.ms}, {@code
     *     retries.max.wait.ms}, and Penstock's own {@code schema.registry.request.timeout.ms} for a request with its retries
     * @throws PenstockException {@code config.invalid}
     */
    public RemoteRegistry(Map<String, ?> config) {
        this.config = RemoteRegistryConfig.of(config);
        this.http = new RegistryHttp(this.config);
    }

    @Override
    public int register(String subject, Schema schema) {
        if (config.useLatest()) {
            return latest(subject, schema).id();
        }
        Integer known = ids.get(new Registered(subject, schema));
        if (known != null) {
            return known;
        }
        return config.registering() == Registering.NEVER ? lookUp(subject, schema) : add(subject, schema);
    }

    @Override
    public RegisteredSchema forWriting(String subject, Schema schema) {
        if (config.useLatest()) {
            Latest newest = latest(subject, schema);
            return new RegisteredSchema(newest.id(), newest.schema(), false);
        }
        Integer known = ids.get(new Registered(subject, schema));
        if (known == null) {
            known = config.registering() == Registering.ALWAYS ? add(subject, schema) : lookUp(subject, schema);
        }
        return new RegisteredSchema(known, schema, true);
    }

    @Override
    public Schema schema(int id) {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        Long since = missingSince.get(id);
        if (since != null && !isOver(since, config.missingKept())) {
            throw unknown(id);
        }
        Reply reply = http.ask("/schemas/ids/" + id, null);
        if (reply.isOk()) {
            Schema schema = parse(id, reply.body());
            schemas.put(id, schema);
            missingSince.remove(id);
            return schema;
        }
        if (reply.status() == NOT_FOUND) {
            if (missingSince.size() >= MOST_MISSING) {
                missingSince.clear(); // asking again costs a request, keeping them all would cost the heap
            }
            missingSince.put(id, System.nanoTime());
            throw unknown(id);
        }
        throw RegistryHttp.unexpected(reply, "look up the schema with id " + id);
    }

    @Override
    public void close() {
        http.close();
    }

    private int add(String subject, Schema schema) {
        Reply reply = http.ask(subjectPath(subject) + "/versions", body(schema));
        if (reply.isOk()) {
            return remember(subject, schema, reply.body());
        }
        if (reply.status() == CONFLICT || reply.status() == UNPROCESSABLE) {
            throw new PenstockException(
                    ErrorCode.SCHEMA_INCOMPATIBLE,
                    "The schema registry does not take the schema of subject " + subject + ": " + reply.message()
                            + ". An older or newer Penstock, or someone else, registered another there.");
        }
        throw RegistryHttp.unexpected(reply, "register the schema of subject " + subject);
    }

    private int lookUp(String subject, Schema schema) {
        Reply reply = http.ask(subjectPath(subject), body(schema));
        if (reply.isOk()) {
            return remember(subject, schema, reply.body());
        }
        if (reply.status() == NOT_FOUND && reply.errorCode() != NOT_FOUND) {
            throw new PenstockException(
                    ErrorCode.SCHEMA_UNKNOWN,
                    "The schema of " + schema.getFullName() + " is not registered under the subject " + subject
                            + ", and is not registered by writing a record. Register it there, or set"
                            + " auto.register.schemas=true.");
        }
        throw RegistryHttp.unexpected(reply, "look up the schema of subject " + subject);
    }

    private int remember(String subject, Schema schema, JsonNode answer) {
        int id = answer.path("id").asInt();
        ids.put(new Registered(subject, schema), id);
        schemas.putIfAbsent(id, schema); // what this process writes it can read while the registry is away
        return id;
    }

    private Latest latest(String subject, Schema own) {
        Latest known = latest.get(subject);
        if (known != null && (config.latestKept().isNegative() || !isOver(known.askedAt(), config.latestKept()))) {
            return known;
        }
        Reply reply;
        try {
            reply = http.ask(subjectPath(subject) + "/versions/latest", null);
        } catch (PenstockException e) {
            if (known == null || e.code() != ErrorCode.NOT_READY) {
                throw e;
            }
            // Writing goes on with what is known while the registry is away; it is asked again when that is over once
            // more.
            Latest kept = new Latest(known.id(), known.schema(), System.nanoTime());
            latest.put(subject, kept);
            return kept;
        }
        if (reply.status() == NOT_FOUND && reply.errorCode() != NOT_FOUND) {
            throw new PenstockException(
                    ErrorCode.SCHEMA_UNKNOWN,
                    "The subject " + subject + " has no version to write with, as use.latest.version=true asks for."
                            + " Register one there.");
        }
        if (!reply.isOk()) {
            throw RegistryHttp.unexpected(reply, "look up the latest version of subject " + subject);
        }
        int id = reply.body().path("id").asInt();
        Schema schema = parse(id, reply.body());
        requireReads(subject, schema, own);
        Latest newest = new Latest(id, schema, System.nanoTime());
        schemas.putIfAbsent(id, schema);
        latest.put(subject, newest);
        return newest;
    }

    private void requireReads(String subject, Schema newest, Schema own) {
        var compatibility = SchemaCompatibility.checkReaderWriterCompatibility(newest, own);
        if (config.strictLatest() && compatibility.getType() != SchemaCompatibilityType.COMPATIBLE) {
            throw new PenstockException(
                    ErrorCode.SCHEMA_INCOMPATIBLE,
                    "The latest version of subject " + subject + " cannot read what Penstock writes as "
                            + own.getFullName() + " ("
                            + compatibility.getResult().getIncompatibilities()
                            + "). Register a version there that can.");
        }
    }

    private Schema parse(int id, JsonNode answer) {
        try {
            Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false);
            readReferences(answer, parser, new HashSet<>());
            return parser.parse(text(id, answer));
        } catch (AvroRuntimeException e) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "The schema with id " + id + " cannot be parsed: " + e.getMessage(),
                    e);
        }
    }

    /** Depth first, since a type must be known before it is used. */
    private void readReferences(JsonNode answer, Schema.Parser parser, Set<String> seen) {
        for (JsonNode reference : answer.path("references")) {
            String path = subjectPath(reference.path("subject").asText()) + "/versions/"
                    + reference.path("version").asInt() + "?deleted=true";
            if (seen.add(path)) {
                Reply reply = http.ask(path, null);
                if (!reply.isOk()) {
                    throw RegistryHttp.unexpected(
                            reply,
                            "look up the referenced type "
                                    + reference.path("name").asText());
                }
                readReferences(reply.body(), parser, seen);
                parser.parse(text(reply.body().path("id").asInt(), reply.body()));
            }
        }
    }

    private static String text(int id, JsonNode answer) {
        String type = answer.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE, "The schema with id " + id + " is " + type + ", not Avro.");
        }
        return answer.path("schema").asText();
    }

    private static PenstockException unknown(int id) {
        return new PenstockException(
                ErrorCode.RECORD_UNDECODABLE,
                "The schema registry has no schema with id " + id
                        + "; the record was written with another registry, or is not Avro.");
    }

    private static boolean isOver(long since, Duration kept) {
        return System.nanoTime() - since > kept.toNanos();
    }

    private static String subjectPath(String subject) {
        return "/subjects/" + URLEncoder.encode(subject, UTF_8).replace("+", "%20");
    }

    private static String body(Schema schema) {
        return JSON.createObjectNode().put("schema", schema.toString()).toString();
    }
}
