package io.penstock.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.ConnectionString;
import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoSecurityException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.WriteModel;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.AvroJson;
import io.penstock.schema.Inference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Records as MongoDB documents, a collection for each topic: {@code _id} is the record id, {@code segment} the segment, and all
 * else as it was captured and enriched. The collection {@value #OWN} lists the collections that the mirror made, and bears the
 * mark.
 */
final class MongoTarget implements MirrorTarget {
    static final String NAME = "mongodb";

    /** No topic has a dot in its name. */
    private static final String OWN = "penstock.mirror";

    private static final String MARK = "mark";
    private static final String COLLECTION = "collection:";
    private static final String ID = "_id";
    private static final String SEGMENT = "segment";
    private static final String DEFAULT_DATABASE = "penstock";
    private static final int BATCH = 100;
    private static final int PAGE = 1_000;
    private static final int TIMEOUT_MS = 5_000;
    private static final Duration KEEP = Duration.ofSeconds(30);
    private static final int UNAUTHORIZED = 13;
    private static final int AUTHENTICATION_FAILED = 18;
    /** What is wrong with the document itself: bad values and names, validation, keys or documents that are too long. */
    private static final Set<Integer> REFUSALS = Set.of(2, 52, 57, 121, 10334, 17280, 17420);

    private final ConnectionString uri;
    private final Secrets secrets;
    private final AvroJson json = new AvroJson(false);
    private final Set<String> made = new HashSet<>();
    private @Nullable MongoClient client;

    /** @param uri whose path names the database; without one it is {@value #DEFAULT_DATABASE} */
    MongoTarget(ConnectionString uri) {
        this.uri = uri;
        this.secrets = new Secrets(uri.getConnectionString());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<MirrorSource> sources() {
        return Set.of(MirrorSource.RECORDS);
    }

    @Override
    public int batchSize() {
        return BATCH;
    }

    @Override
    public Duration keepEvery() {
        return KEEP;
    }

    /** A request goes to one collection. */
    @Override
    public List<List<Change>> batches(List<Change> changes) {
        Map<String, List<Change>> byTopic = new LinkedHashMap<>();
        changes.forEach(change -> byTopic.computeIfAbsent(change.topic(), topic -> new ArrayList<>())
                .add(change));
        List<List<Change>> batches = new ArrayList<>();
        byTopic.values().forEach(ofTopic -> batches.addAll(MirrorTarget.super.batches(ofTopic)));
        return batches;
    }

    @Override
    public String open() {
        made.clear();
        return call(this::readMark);
    }

    private String readMark(MongoDatabase database) {
        Document mark = database.getCollection(OWN).find(Filters.eq(ID, MARK)).first();
        return mark == null ? "" : String.valueOf(mark.getString("of"));
    }

    @Override
    public void apply(List<Change> batch) {
        run(database -> {
            String topic = batch.getFirst().topic();
            List<WriteModel<Document>> writes = new ArrayList<>();
            boolean removes = false;
            for (Change change : batch) {
                Bson key = Filters.eq(ID, change.key());
                switch (change) {
                    case Change.Upsert upsert ->
                        writes.add(new ReplaceOneModel<>(key, document(upsert), new ReplaceOptions().upsert(true)));
                    case Change.Delete _ -> {
                        writes.add(new DeleteOneModel<>(key));
                        removes = true;
                    }
                }
            }
            make(database, topic);
            MongoCollection<Document> collection = database.getCollection(topic);
            collection.bulkWrite(writes, new BulkWriteOptions().ordered(false));
            if (removes) {
                dropIfEmpty(database, topic);
            }
        });
    }

    /** Notes a collection before anything is in it, so that nothing is ever in one that is not noted. */
    private void make(MongoDatabase database, String topic) {
        if (made.add(topic)) {
            try {
                database.getCollection(OWN)
                        .replaceOne(
                                Filters.eq(ID, COLLECTION + topic),
                                new Document(ID, COLLECTION + topic).append("topic", topic),
                                new ReplaceOptions().upsert(true));
                database.getCollection(topic).createIndex(new Document(SEGMENT, 1));
            } catch (RuntimeException e) {
                made.remove(topic);
                throw e;
            }
        }
    }

    private void dropIfEmpty(MongoDatabase database, String topic) {
        MongoCollection<Document> collection = database.getCollection(topic);
        if (collection.find().projection(Projections.include(ID)).first() == null) {
            collection.drop();
            database.getCollection(OWN).deleteOne(Filters.eq(ID, COLLECTION + topic));
            made.remove(topic);
        }
    }

    private Document document(Change.Upsert upsert) {
        Document document = new Document(ID, upsert.key());
        json.object(upsert.value()).properties().forEach(field -> {
            if (!field.getValue().isNull()) {
                document.append(field.getKey(), value(field.getValue()));
            }
        });
        if (upsert.value() instanceof Inference inference && inference.getCapturedAt() != null) {
            document.append("captured_at", Date.from(Objects.requireNonNull(inference.getCapturedAt())));
        }
        return document;
    }

    private static @Nullable Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Document document = new Document();
                node.properties().forEach(field -> document.append(name(field.getKey()), value(field.getValue())));
                yield document;
            }
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                node.forEach(item -> list.add(value(item)));
                yield list;
            }
            case NUMBER -> node.isIntegralNumber() ? (Object) node.longValue() : (Object) node.doubleValue();
            case BOOLEAN -> node.booleanValue();
            case NULL, MISSING -> null;
            case STRING, BINARY, POJO -> node.asText();
        };
    }

    /** Dots and dollar signs mean something in the names of fields; attributes may have any name. */
    private static String name(String name) {
        return name.replace('.', '\uFF0E').replace('$', '\uFF04');
    }

    @Override
    public long sweep(LiveKeys live) {
        long[] removed = {0};
        run(database -> {
            for (String topic : ownCollections(database)) {
                removed[0] += sweep(database, topic, live);
            }
        });
        return removed[0];
    }

    private static List<String> ownCollections(MongoDatabase database) {
        List<String> topics = new ArrayList<>();
        for (Document entry : database.getCollection(OWN).find()) {
            String topic = entry.getString("topic");
            if (topic != null) {
                topics.add(topic);
            }
        }
        return topics;
    }

    private long sweep(MongoDatabase database, String topic, LiveKeys live) {
        MongoCollection<Document> collection = database.getCollection(topic);
        List<Object> dead = new ArrayList<>();
        long removed = 0;
        for (Document document :
                collection.find().projection(Projections.include(ID)).batchSize(PAGE)) {
            // A document with another kind of id is somebody else's.
            if (document.get(ID) instanceof String id
                    && id.startsWith(topic + "/")
                    && !live.contains(nameOf(MirrorSource.RECORDS, id))) {
                dead.add(id);
            }
        }
        for (int from = 0; from < dead.size(); from += PAGE) {
            removed += collection
                    .deleteMany(Filters.in(ID, dead.subList(from, Math.min(dead.size(), from + PAGE))))
                    .getDeletedCount();
        }
        dropIfEmpty(database, topic);
        return removed;
    }

    @Override
    public void mark(String identity) {
        run(database -> database.getCollection(OWN)
                .replaceOne(
                        Filters.eq(ID, MARK),
                        new Document(ID, MARK).append("of", identity),
                        new ReplaceOptions().upsert(true)));
    }

    @Override
    public boolean keep(Instant now) {
        return !call(this::readMark).isEmpty();
    }

    private void run(Consumer<MongoDatabase> calls) {
        var _ = call(database -> {
            calls.accept(database);
            return true;
        });
    }

    private <T> T call(Function<MongoDatabase, T> calls) {
        try {
            String name = uri.getDatabase();
            return calls.apply(client().getDatabase(name == null ? DEFAULT_DATABASE : name));
        } catch (MongoSecurityException e) {
            throw unauthorized(e);
        } catch (MongoCommandException e) {
            if (e.getErrorCode() == UNAUTHORIZED || e.getErrorCode() == AUTHENTICATION_FAILED) {
                throw unauthorized(e);
            }
            throw unreachable(e);
        } catch (MongoBulkWriteException e) {
            boolean refused = !e.getWriteErrors().isEmpty()
                    && e.getWriteErrors().stream().allMatch(error -> REFUSALS.contains(error.getCode()));
            throw refused ? refused(e) : unreachable(e);
        } catch (BsonMaximumSizeExceededException e) {
            throw refused(e);
        } catch (RuntimeException e) {
            throw unreachable(e);
        }
    }

    private PenstockException refused(RuntimeException e) {
        return new PenstockException(
                ErrorCode.MIRROR_REFUSED,
                "MongoDB at " + place() + " refuses documents (" + secrets.of(e)
                        + "). Look at their size and at the collection's rules.",
                e);
    }

    private PenstockException unauthorized(RuntimeException e) {
        return new PenstockException(
                ErrorCode.MIRROR_UNAUTHORIZED,
                "MongoDB at " + place() + " refuses who calls (" + secrets.of(e)
                        + "). Check the user, the password and their rights in MONGODB_URI.",
                e);
    }

    private PenstockException unreachable(RuntimeException e) {
        return new PenstockException(
                ErrorCode.MIRROR_UNREACHABLE,
                "MongoDB at " + place() + " does not answer (" + secrets.of(e) + "). Check MONGODB_URI and the server.",
                e);
    }

    private String place() {
        return String.join(",", uri.getHosts());
    }

    private MongoClient client() {
        MongoClient current = client;
        if (current == null) {
            current = MongoClients.create(MongoClientSettings.builder()
                    .applyToClusterSettings(
                            cluster -> cluster.serverSelectionTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS))
                    .applyToSocketSettings(socket -> socket.connectTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS)
                            .readTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS))
                    .applyConnectionString(uri) // what it says wins
                    .build());
            client = current;
        }
        return current;
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }

    @Override
    public String toString() {
        return "MongoDB at " + place();
    }
}
