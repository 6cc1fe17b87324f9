package io.penstock.mirror;

import com.mongodb.ConnectionString;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Which mirrors there are, from environment variables: {@code PINECONE_API_KEY}, {@code REDIS_URL} and {@code MONGODB_URI} turn one
 * on each. What is wrong with one's settings is its own matter and stops nothing else.
 */
public final class MirrorSettings {
    private static final String DEFAULT_INDEX = "penstock";
    private static final String DEFAULT_PREFIX = "penstock";
    private static final String DEFAULT_CLOUD = "aws";
    private static final String DEFAULT_REGION = "us-east-1";
    private static final Duration DEFAULT_TTL = Duration.ofDays(30);
    private static final Duration SHORTEST_TTL = Duration.ofMinutes(1);
    private static final int REDIS_PORT = 6379;
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final Pattern INDEX = Pattern.compile("[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?");

    private final Function<String, @Nullable String> variables;
    private final InstantSource clock;

    /** A mirror that is wanted: what it writes to, or why it cannot work. */
    record Wanted(String name, @Nullable IntFunction<MirrorTarget> target, String fault) {}

    /** @param variables gives the value of a variable, null when it is not set */
    public MirrorSettings(Function<String, @Nullable String> variables, InstantSource clock) {
        this.variables = variables;
        this.clock = clock;
    }

    /** Whether any mirror is turned on. */
    public boolean wantsAny() {
        return !wanted().isEmpty();
    }

    /** The mirrors that are turned on; a target is made for the dimension of the embedding model. */
    List<Wanted> wanted() {
        List<Wanted> wanted = new ArrayList<>();
        String key = variables.apply("PINECONE_API_KEY");
        if (key != null) {
            wanted.add(wanted(PineconeTarget.NAME, new Secrets(key), () -> {
                PineconeSettings settings = pinecone(key);
                return dimension -> new PineconeTarget(settings, dimension);
            }));
        }
        String redis = variables.apply("REDIS_URL");
        if (redis != null) {
            wanted.add(wanted(RedisTarget.NAME, new Secrets(redis), () -> {
                MirrorTarget target = redis(redis);
                return dimension -> target;
            }));
        }
        String mongo = variables.apply("MONGODB_URI");
        if (mongo != null) {
            wanted.add(wanted(MongoTarget.NAME, new Secrets(mongo), () -> {
                MirrorTarget target = mongo(mongo);
                return dimension -> target;
            }));
        }
        return wanted;
    }

    private static Wanted wanted(String name, Secrets secrets, Supplier<IntFunction<MirrorTarget>> target) {
        try {
            return new Wanted(name, target.get(), "");
        } catch (PenstockException e) {
            return new Wanted(name, null, secrets.redact(e.detail()));
        }
    }

    /**
     * Where searches look: {@code PENSTOCK_SEARCH}.
     *
     * @throws PenstockException {@code config.invalid} when it is none of the sources, or names Pinecone where there is none
     */
    public SearchSource search() {
        String text = variables.apply("PENSTOCK_SEARCH");
        SearchSource source = switch (text == null ? "local" : text.strip().toLowerCase(Locale.ROOT)) {
            case "local" -> SearchSource.LOCAL;
            case "pinecone" -> SearchSource.PINECONE;
            case "merged" -> SearchSource.MERGED;
            default -> throw invalid("PENSTOCK_SEARCH is local, pinecone or merged, not '" + text + "'.");
        };
        if (source != SearchSource.LOCAL && variables.apply("PINECONE_API_KEY") == null) {
            throw invalid("PENSTOCK_SEARCH is " + text + ", and there is no Pinecone: set PINECONE_API_KEY.");
        }
        return source;
    }

    /** @throws PenstockException {@code config.invalid} */
    PineconeSettings pinecone() {
        return pinecone(or("PINECONE_API_KEY", ""));
    }

    private PineconeSettings pinecone(String key) {
        String index = or("PINECONE_INDEX", DEFAULT_INDEX);
        if (!INDEX.matcher(index).matches()) {
            throw invalid("PINECONE_INDEX is '" + index
                    + "'; names of indexes have up to 45 lower-case letters, digits and hyphens.");
        }
        String host = variables.apply("PINECONE_HOST");
        if (host != null && !host.matches("https?://[^/\\s@]+/?")) {
            throw invalid("PINECONE_HOST is not an address such as http://127.0.0.1:5080.");
        }
        return new PineconeSettings(
                key, index, host, or("PINECONE_CLOUD", DEFAULT_CLOUD), or("PINECONE_REGION", DEFAULT_REGION));
    }

    private RedisTarget redis(String text) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw invalid("REDIS_URL cannot be read (" + e.getReason()
                    + "). It has the form redis://user:password@host:6379/0.");
        }
        if (!(JedisURIHelper.isRedisScheme(url) || JedisURIHelper.isRedisSSLScheme(url)) || url.getHost() == null) {
            throw invalid("REDIS_URL has the form redis://user:password@host:6379/0, or rediss:// with TLS.");
        }
        if (url.getPort() == -1) {
            url = URI.create(
                    text.replaceFirst("(?<=" + Pattern.quote(url.getHost()) + ")(?=[/?]|$)", ":" + REDIS_PORT));
        }
        String prefix = or("REDIS_PREFIX", DEFAULT_PREFIX);
        if (!PREFIX.matcher(prefix).matches()) {
            throw invalid("REDIS_PREFIX is '" + prefix + "'; it has letters, digits, dots, hyphens and underscores.");
        }
        return new RedisTarget(url, prefix, ttl(), clock);
    }

    private Duration ttl() {
        String text = variables.apply("REDIS_TTL");
        if (text == null) {
            return DEFAULT_TTL;
        }
        try {
            Duration ttl = Duration.parse(text.strip());
            if (ttl.compareTo(SHORTEST_TTL) >= 0) {
                return ttl;
            }
        } catch (DateTimeParseException e) {
            throw invalid("REDIS_TTL is '" + text + "'; a duration is written P30D or PT12H.");
        }
        throw invalid("REDIS_TTL is '" + text + "'; it must be a minute (PT1M) at least.");
    }

    private static MongoTarget mongo(String text) {
        try {
            return new MongoTarget(new ConnectionString(text));
        } catch (IllegalArgumentException e) {
            throw invalid("MONGODB_URI cannot be read (" + new Secrets(text).of(e)
                    + "). It has the form mongodb://user:password@host:27017/penstock.");
        }
    }

    private String or(String variable, String otherwise) {
        String value = variables.apply(variable);
        return value == null ? otherwise : value.strip();
    }

    private static PenstockException invalid(String what) {
        return new PenstockException(ErrorCode.CONFIG_INVALID, what);
    }
}
