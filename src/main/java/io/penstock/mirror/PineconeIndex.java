package io.penstock.mirror;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.pinecone.clients.Pinecone;
import io.pinecone.configs.PineconeConfig;
import io.pinecone.configs.PineconeConnection;
import io.pinecone.exceptions.PineconeAlreadyExistsException;
import io.pinecone.exceptions.PineconeAuthorizationException;
import io.pinecone.exceptions.PineconeForbiddenException;
import io.pinecone.exceptions.PineconeNotFoundException;
import io.pinecone.proto.VectorServiceGrpc.VectorServiceBlockingStub;
import io.pinecone.proto.VectorServiceGrpc.VectorServiceFutureStub;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.openapitools.db_control.client.model.IndexModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to one Pinecone index. The client's own {@code Index} waits without a limit and its connections are static, so that
 * calls go through its stubs, each with a deadline. May be used from any thread.
 */
final class PineconeIndex implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PineconeIndex.class);
    private static final String METRIC = "cosine";
    private static final String UNPROTECTED = "disabled";

    private final PineconeSettings settings;
    private final int dimension;
    private final Secrets secrets;
    private @Nullable PineconeConnection connection;
    private boolean closed;

    /** @param dimension of the embedding model */
    PineconeIndex(PineconeSettings settings, int dimension) {
        this.settings = settings;
        this.dimension = dimension;
        this.secrets = new Secrets(settings.apiKey());
    }

    /**
     * Connects unless connected.
     *
     * @param create whether an index that is not there is to be made
     * @throws PenstockException {@code mirror.dimension} when the index holds vectors of another dimension; {@code
     *     mirror.unauthorized}; {@code mirror.unreachable}, also while the index is not there or being made
     */
    synchronized void connect(boolean create) {
        if (closed) {
            throw new PenstockException(ErrorCode.MIRROR_UNREACHABLE, "The connection to Pinecone is closed.");
        }
        PineconeConnection current = connection;
        if (current != null) {
            current.getChannel().resetConnectBackoff(); // gRPC's own pauses grow to two minutes
            return;
        }
        try {
            connection = connected(described(create));
        } catch (PineconeAuthorizationException | PineconeForbiddenException e) {
            throw unauthorized(e);
        } catch (PenstockException e) {
            throw e;
        } catch (RuntimeException e) {
            throw unreachable(e);
        }
    }

    private IndexModel described(boolean create) {
        Pinecone.Builder builder = new Pinecone.Builder(settings.apiKey()).withTlsEnabled(settings.hasTls());
        if (settings.host() != null) {
            builder.withHost(settings.host());
        }
        Pinecone control = builder.build();
        IndexModel index;
        try {
            index = control.describeIndex(settings.index());
        } catch (PineconeNotFoundException e) {
            if (!create) {
                throw unreachable(e);
            }
            index = create(control);
        }
        check(index);
        if (index.getStatus() == null || !Boolean.TRUE.equals(index.getStatus().getReady())) {
            throw new PenstockException(
                    ErrorCode.MIRROR_UNREACHABLE, settings + " is being made. It is tried again until it is ready.");
        }
        return index;
    }

    private IndexModel create(Pinecone control) {
        LOG.info("{} is not there and is made with {} dimensions", settings, dimension);
        try {
            return control.createServerlessIndex(
                    settings.index(), METRIC, dimension, settings.cloud(), settings.region(), UNPROTECTED, Map.of());
        } catch (PineconeAlreadyExistsException e) { // another instance was faster
            return control.describeIndex(settings.index());
        }
    }

    private void check(IndexModel index) {
        Integer found = index.getDimension();
        if (found == null || found != dimension) {
            throw new PenstockException(
                    ErrorCode.MIRROR_DIMENSION,
                    settings + " holds vectors of " + (found == null ? "no" : found)
                            + " dimensions, and those of the embedding model have " + dimension
                            + ". Name another index in PINECONE_INDEX, which is made with the right dimension, or delete"
                            + " this one.");
        }
        if (!METRIC.equals(index.getMetric())) {
            throw new PenstockException(
                    ErrorCode.MIRROR_DIMENSION,
                    settings + " measures by " + index.getMetric() + " and not by " + METRIC
                            + ". Name another index in PINECONE_INDEX, which is made as it should be.");
        }
    }

    private PineconeConnection connected(IndexModel index) {
        PineconeConfig config = new PineconeConfig(settings.apiKey());
        config.setHost(index.getHost());
        config.setTLSEnabled(settings.hasTls());
        return new PineconeConnection(config, settings.index());
    }

    /** Makes a call that waits no longer than its deadline. */
    <T> T call(Duration deadline, Function<VectorServiceBlockingStub, T> call) {
        try {
            return call.apply(
                    current().getBlockingStub().withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS));
        } catch (StatusRuntimeException e) {
            throw failed(e);
        }
    }

    /** For calls that are made at the same time; what they throw is for {@link #failed}. */
    VectorServiceFutureStub stub(Duration deadline) {
        return current().getAsyncStub().withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized PineconeConnection current() {
        PineconeConnection current = connection;
        if (current == null) {
            throw new PenstockException(ErrorCode.MIRROR_UNREACHABLE, "There is no connection to " + settings + ".");
        }
        return current;
    }

    /** What a failed call means. */
    PenstockException failed(StatusRuntimeException e) {
        return switch (e.getStatus().getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED -> unauthorized(e);
            case INVALID_ARGUMENT -> {
                if (secrets.of(e).toLowerCase(Locale.ROOT).contains("dimension")) {
                    forget(); // it was replaced by another one of the same name: look at it again
                    yield new PenstockException(
                            ErrorCode.MIRROR_DIMENSION,
                            settings + " does not hold vectors of " + dimension + " dimensions (" + secrets.of(e)
                                    + "). Name another index in PINECONE_INDEX, or delete this one.",
                            e);
                }
                yield new PenstockException(
                        ErrorCode.MIRROR_REFUSED, settings + " refuses a request (" + secrets.of(e) + ").", e);
            }
            case NOT_FOUND, UNIMPLEMENTED -> {
                forget(); // the index may have been deleted, and another may have its name
                yield unreachable(e);
            }
            default -> unreachable(e);
        };
    }

    /** Whether a call failed because there is nothing of that name. */
    static boolean isNotFound(StatusRuntimeException e) {
        return e.getStatus().getCode() == Status.Code.NOT_FOUND;
    }

    private PenstockException unauthorized(RuntimeException e) {
        return new PenstockException(
                ErrorCode.MIRROR_UNAUTHORIZED,
                settings + " refuses the key (" + secrets.of(e) + "). Check PINECONE_API_KEY.",
                e);
    }

    private PenstockException unreachable(RuntimeException e) {
        return new PenstockException(
                ErrorCode.MIRROR_UNREACHABLE,
                settings + " does not answer (" + secrets.of(e) + "). Check the network and Pinecone's status.",
                e);
    }

    private synchronized void forget() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        forget();
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
