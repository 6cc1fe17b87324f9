package io.penstock.mirror;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.AvroJson;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Records and runs as Redis hashes: {@code <prefix>:record:<record id>} and {@code <prefix>:run:<run id>}, a field for each field
 * of the record, lists and maps as JSON. The mark is {@code <prefix>:mirror}.
 *
 * <p>Each key lives for a time that is prolonged as long as the mirror is kept: what Penstock leaves behind when it is gone goes by
 * itself. The mark never outlives another key, so that where it is, everything is.
 */
final class RedisTarget implements MirrorTarget {
    static final String NAME = "redis";

    private static final int TIMEOUT_MS = 5_000;
    private static final int BATCH = 100;
    private static final int SCAN = 500;
    private static final Duration KEEP = Duration.ofSeconds(10);
    /** Times in the life of a key that it is prolonged. */
    private static final int RENEWALS = 3;

    private final URI url;
    private final String prefix;
    private final Duration ttl;
    private final InstantSource clock;
    private final Secrets secrets;
    private final AvroJson json = new AvroJson(false);
    private @Nullable RedisClient client;
    private Instant renewedAt = Instant.EPOCH;

    /**
     * @param url {@code redis://} or, with TLS, {@code rediss://}
     * @param prefix of all keys
     * @param ttl how long a key lives that is not prolonged
     */
    RedisTarget(URI url, String prefix, Duration ttl, InstantSource clock) {
        this.url = url;
        this.prefix = prefix;
        this.ttl = ttl;
        this.clock = clock;
        this.secrets = new Secrets(url.toString());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<MirrorSource> sources() {
        return Set.of(MirrorSource.RECORDS, MirrorSource.RUNS);
    }

    @Override
    public int batchSize() {
        return BATCH;
    }

    @Override
    public Duration keepEvery() {
        Duration share = ttl.dividedBy(2L * RENEWALS);
        return share.compareTo(KEEP) < 0 ? share : KEEP;
    }

    @Override
    public String open() {
        renewedAt = Instant.EPOCH; // what expires soon is prolonged at once
        return call(redis -> {
            String mark = redis.get(markKey());
            return mark == null ? "" : mark;
        });
    }

    /** All of a batch or nothing of it is there; nobody sees half a hash. */
    @Override
    public void apply(List<Change> batch) {
        run(redis -> {
            try (AbstractTransaction transaction = redis.multi()) {
                for (Change change : batch) {
                    String key = nameOf(change.source(), change.key());
                    transaction.del(key); // fields that are gone would stay
                    if (change instanceof Change.Upsert upsert) {
                        transaction.hset(key, fields(upsert));
                        transaction.pexpire(key, ttl.toMillis());
                    }
                }
                for (Object result : transaction.exec()) {
                    if (result instanceof JedisException failure) {
                        throw failure;
                    }
                }
            }
        });
    }

    private Map<String, String> fields(Change.Upsert upsert) {
        Map<String, String> fields = new HashMap<>();
        ObjectNode record = json.object(upsert.value());
        record.properties().forEach(field -> {
            if (!field.getValue().isNull()) {
                fields.put(
                        field.getKey(),
                        field.getValue().isTextual()
                                ? field.getValue().textValue()
                                : field.getValue().toString());
            }
        });
        return fields;
    }

    @Override
    public String nameOf(MirrorSource source, String key) {
        return prefixOf(source) + key;
    }

    private String prefixOf(MirrorSource source) {
        return switch (source) {
            case RECORDS -> prefix + ":record:";
            case RUNS -> prefix + ":run:";
            case CHUNKS -> prefix + ":chunk:";
        };
    }

    private String markKey() {
        return prefix + ":mirror";
    }

    @Override
    public long sweep(LiveKeys live) {
        long[] removed = {0};
        run(redis -> scan(redis, keys -> {
            String[] dead = keys.stream().filter(key -> !live.contains(key)).toArray(String[]::new);
            if (dead.length > 0) {
                removed[0] += redis.unlink(dead);
            }
        }));
        return removed[0];
    }

    private void scan(RedisClient redis, Consumer<List<String>> each) {
        for (MirrorSource source : sources()) {
            ScanParams params = new ScanParams().match(prefixOf(source) + "*").count(SCAN);
            String cursor = ScanParams.SCAN_POINTER_START;
            do {
                ScanResult<String> page = redis.scan(cursor, params);
                each.accept(page.getResult());
                cursor = page.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
        }
    }

    @Override
    public void mark(String identity) {
        Instant now = clock.instant();
        run(redis -> {
            redis.set(markKey(), identity);
            redis.pexpireAt(markKey(), renewAll(redis, now).toEpochMilli());
        });
        renewedAt = now;
    }

    @Override
    public boolean keep(Instant now) {
        return call(redis -> {
            if (!redis.exists(markKey())) {
                return false;
            }
            if (!now.isBefore(renewedAt.plus(ttl.dividedBy(RENEWALS)))) {
                Instant end = renewAll(redis, now);
                // The last of all: should this end halfway, the mark goes before the keys do.
                redis.pexpireAt(markKey(), end.toEpochMilli());
                renewedAt = now;
            }
            return true;
        });
    }

    /** Prolongs all keys but the mark; none of them ends before the answer. */
    private Instant renewAll(RedisClient redis, Instant now) {
        scan(redis, keys -> {
            try (AbstractPipeline pipeline = redis.pipelined()) {
                keys.forEach(key -> pipeline.pexpire(key, ttl.toMillis()));
                pipeline.sync();
            }
        });
        return now.plus(ttl);
    }

    private void run(Consumer<RedisClient> calls) {
        var _ = call(redis -> {
            calls.accept(redis);
            return true;
        });
    }

    private <T> T call(Function<RedisClient, T> calls) {
        try {
            return calls.apply(client());
        } catch (JedisAccessControlException e) {
            throw new PenstockException(
                    ErrorCode.MIRROR_UNAUTHORIZED,
                    "Redis at " + place() + " refuses who calls (" + secrets.of(e)
                            + "). Check the user and the password in REDIS_URL.",
                    e);
        } catch (JedisDataException e) {
            String said = secrets.of(e);
            boolean rights = said.startsWith("NOAUTH") || said.startsWith("WRONGPASS") || said.startsWith("NOPERM");
            throw new PenstockException(
                    rights ? ErrorCode.MIRROR_UNAUTHORIZED : ErrorCode.MIRROR_UNREACHABLE,
                    "Redis at " + place() + " does not take this (" + said + "). "
                            + (rights
                                    ? "Check the user and the password in REDIS_URL."
                                    : "Look at its memory, its role and its log."),
                    e);
        } catch (RuntimeException e) {
            throw new PenstockException(
                    ErrorCode.MIRROR_UNREACHABLE,
                    "Redis at " + place() + " does not answer (" + secrets.of(e) + "). Check REDIS_URL and the server.",
                    e);
        }
    }

    private String place() {
        return url.getHost() + ":" + JedisURIHelper.getHostAndPort(url).getPort();
    }

    private RedisClient client() {
        RedisClient current = client;
        if (current == null) {
            DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                    .connectionTimeoutMillis(TIMEOUT_MS)
                    .socketTimeoutMillis(TIMEOUT_MS)
                    .database(JedisURIHelper.getDBIndex(url));
            if (JedisURIHelper.isRedisSSLScheme(url)) {
                config.sslOptions(SslOptions.defaults());
            }
            String user = JedisURIHelper.getUser(url);
            String password = JedisURIHelper.getPassword(url);
            if (user != null && !user.isEmpty()) {
                config.user(user);
            }
            if (password != null && !password.isEmpty()) {
                config.password(password);
            }
            current = RedisClient.builder()
                    .hostAndPort(JedisURIHelper.getHostAndPort(url))
                    .clientConfig(config.build())
                    .build();
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
        return NAME + " at " + place();
    }
}
