package io.penstock.mirror;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.bson.Document;

/** A server that speaks MongoDB's protocol. It can be stopped and started again with what it held. */
public final class RealMongo implements AutoCloseable {
    private static final String DATABASE = "penstock";

    private final MemoryBackend backend = new KeptBackend();
    private final int port = RealRedis.freePort();
    private MongoServer server;

    public RealMongo() {
        server = start();
    }

    /** Forgets nothing when its server is shut down. */
    private static final class KeptBackend extends MemoryBackend {
        @Override
        public void close() {
            // the data live on
        }
    }

    public String uri() {
        return "mongodb://127.0.0.1:" + port + "/" + DATABASE;
    }

    private MongoServer start() {
        MongoServer next = new MongoServer(backend);
        next.bind("127.0.0.1", port);
        return next;
    }

    public void stop() {
        server.shutdownNow();
    }

    public void startAgain() {
        server = start();
    }

    /** Ids of the documents of a collection. */
    public Set<String> ids(String collection) {
        return ask(database -> {
            Set<String> ids = new TreeSet<>();
            for (Document document : database.getCollection(collection).find()) {
                ids.add(document.getString("_id"));
            }
            return ids;
        });
    }

    public Set<String> collections() {
        return ask(database -> {
            Set<String> names = new TreeSet<>();
            database.listCollectionNames().forEach(names::add);
            return names;
        });
    }

    public <T> T ask(Function<MongoDatabase, T> call) {
        try (MongoClient client = MongoClients.create(uri())) {
            return call.apply(client.getDatabase(DATABASE));
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
