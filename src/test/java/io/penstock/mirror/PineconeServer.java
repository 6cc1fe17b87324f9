package io.penstock.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.pinecone.proto.DeleteRequest;
import io.pinecone.proto.DeleteResponse;
import io.pinecone.proto.DescribeIndexStatsRequest;
import io.pinecone.proto.DescribeIndexStatsResponse;
import io.pinecone.proto.FetchRequest;
import io.pinecone.proto.FetchResponse;
import io.pinecone.proto.ListItem;
import io.pinecone.proto.ListRequest;
import io.pinecone.proto.ListResponse;
import io.pinecone.proto.NamespaceSummary;
import io.pinecone.proto.Pagination;
import io.pinecone.proto.QueryRequest;
import io.pinecone.proto.QueryResponse;
import io.pinecone.proto.ScoredVector;
import io.pinecone.proto.UpsertRequest;
import io.pinecone.proto.UpsertResponse;
import io.pinecone.proto.Vector;
import io.pinecone.proto.VectorServiceGrpc.VectorServiceImplBase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Pinecone on this machine: its gRPC service, from its own stubs, which stores and ranks, and its control plane. Both can be made to
 * fail, and be stopped and started again with what they held.
 */
public final class PineconeServer extends VectorServiceImplBase implements AutoCloseable {
    public static final String KEY = "pcsk_only-for-tests";

    private static final Metadata.Key<String> API_KEY = Metadata.Key.of("api-key", Metadata.ASCII_STRING_MARSHALLER);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int PAGE = 100;

    /** What the server does with calls. */
    public enum Mood {
        WELL,
        /** Says that it is not available. */
        UNAVAILABLE,
        /** Says that there are too many calls. */
        LIMITED,
        /** Does nothing and says nothing. */
        SILENT,
        /** Does what it is asked to and says nothing. */
        FORGETS_TO_ANSWER
    }

    private final Map<String, NavigableMap<String, Vector>> namespaces = new ConcurrentHashMap<>();
    private final Map<String, JsonNode> indexes = new ConcurrentHashMap<>();
    private final AtomicLong upserted = new AtomicLong();
    private final int grpcPort = RealRedis.freePort();
    private final int controlPort = RealRedis.freePort();
    private volatile Mood mood = Mood.WELL;
    private @Nullable Server grpc;
    private @Nullable HttpServer control;

    public PineconeServer() {
        startAgain();
    }

    public String host() {
        return "http://127.0.0.1:" + controlPort;
    }

    public void feel(Mood next) {
        mood = next;
    }

    /** Starts to answer, with what is held. */
    public void startAgain() {
        try {
            grpc = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), grpcPort))
                    .addService(this)
                    .intercept(new Fault())
                    .build()
                    .start();
            HttpServer http =
                    HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), controlPort), 0);
            http.createContext("/indexes", this::control);
            http.start();
            control = http;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls are refused from now on. */
    public void stop() {
        Objects.requireNonNull(grpc).shutdownNow();
        Objects.requireNonNull(control).stop(0);
        try {
            var _ = Objects.requireNonNull(grpc).awaitTermination(5, java.util.concurrent.TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Vectors that were acknowledged to be written, the mark among them. */
    public long upserted() {
        return upserted.get();
    }

    /** Ids of the vectors of a namespace. */
    public Set<String> ids(String namespace) {
        return new TreeSet<>(namespaces.getOrDefault(namespace, new TreeMap<>()).keySet());
    }

    /** Namespaces that hold something, but for the mirror's own. */
    public Set<String> topics() {
        Set<String> names = new TreeSet<>();
        namespaces.forEach((name, vectors) -> {
            if (!vectors.isEmpty() && !name.startsWith("_")) {
                names.add(name);
            }
        });
        return names;
    }

    void forgetEverything() {
        namespaces.clear();
    }

    void dropIndex(String name) {
        indexes.remove(name);
        namespaces.clear();
    }

    void makeIndex(String name, int dimension, String metric) {
        indexes.put(
                name,
                JSON.createObjectNode()
                        .put("name", name)
                        .put("dimension", dimension)
                        .put("metric", metric));
    }

    @Nullable
    JsonNode index(String name) {
        return indexes.get(name);
    }

    private int dimension() {
        return indexes.values().stream()
                .mapToInt(index -> index.path("dimension").intValue())
                .findFirst()
                .orElse(-1);
    }

    // --- the control plane, over HTTP ---

    private void control(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().replaceFirst("/indexes/?", "");
        int status;
        Object body;
        if (!KEY.equals(exchange.getRequestHeaders().getFirst("Api-Key"))) {
            status = 401;
            body = "Invalid API key: " + exchange.getRequestHeaders().getFirst("Api-Key");
        } else if (exchange.getRequestMethod().equals("POST")) {
            JsonNode wanted = JSON.readTree(exchange.getRequestBody());
            status = indexes.putIfAbsent(wanted.path("name").asText(), wanted) == null ? 201 : 409;
            body = described(wanted.path("name").asText());
        } else if (indexes.containsKey(name)) {
            status = 200;
            body = described(name);
        } else {
            status = 404;
            body = JSON.createObjectNode().put("status", 404);
        }
        byte[] bytes = body.toString().getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private JsonNode described(String name) {
        JsonNode index = Objects.requireNonNull(indexes.get(name));
        var node = JSON.createObjectNode()
                .put("name", name)
                .put("vector_type", "dense")
                .put("metric", index.path("metric").asText())
                .put("dimension", index.path("dimension").intValue())
                .put("host", "127.0.0.1:" + grpcPort)
                .put("deletion_protection", "disabled");
        node.putObject("status").put("ready", true).put("state", "Ready");
        node.putObject("spec")
                .putObject("serverless")
                .put("cloud", "aws")
                .put("region", "us-east-1")
                .putObject("read_capacity")
                .put("mode", "OnDemand")
                .putObject("status")
                .put("state", "Ready");
        return node;
    }

    // --- the data plane, over gRPC ---

    private final class Fault implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (!KEY.equals(headers.get(API_KEY))) {
                return refuse(call, Status.UNAUTHENTICATED.withDescription("key " + headers.get(API_KEY)));
            }
            return switch (mood) {
                case WELL, FORGETS_TO_ANSWER -> next.startCall(call, headers);
                case UNAVAILABLE -> refuse(call, Status.UNAVAILABLE.withDescription("maintenance"));
                case LIMITED -> refuse(call, Status.RESOURCE_EXHAUSTED.withDescription("too many requests"));
                case SILENT -> new ServerCall.Listener<>() {};
            };
        }

        private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
            call.close(status, new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private <A> void answer(StreamObserver<A> out, A answer) {
        if (mood != Mood.FORGETS_TO_ANSWER) {
            out.onNext(answer);
            out.onCompleted();
        }
    }

    private NavigableMap<String, Vector> namespace(String name) {
        return namespaces.computeIfAbsent(name, key -> new ConcurrentSkipListMap<>());
    }

    @Override
    public void upsert(UpsertRequest request, StreamObserver<UpsertResponse> out) {
        for (Vector vector : request.getVectorsList()) {
            String wrong = wrong(vector);
            if (!wrong.isEmpty()) {
                out.onError(Status.INVALID_ARGUMENT.withDescription(wrong).asRuntimeException());
                return;
            }
        }
        request.getVectorsList()
                .forEach(vector -> namespace(request.getNamespace()).put(vector.getId(), vector));
        upserted.addAndGet(request.getVectorsCount());
        answer(
                out,
                UpsertResponse.newBuilder()
                        .setUpsertedCount(request.getVectorsCount())
                        .build());
    }

    private String wrong(Vector vector) {
        if (vector.getValuesCount() != dimension()) {
            return "Vector dimension " + vector.getValuesCount() + " does not match the dimension of the index "
                    + dimension();
        }
        if (vector.getId().length() > 512 || !vector.getId().chars().allMatch(c -> c < 128)) {
            return "Vector ID must be ASCII";
        }
        if (vector.getMetadata().getSerializedSize() > 40 * 1024) {
            return "metadata size is too large";
        }
        return vector.getValuesList().stream().allMatch(value -> value == 0)
                ? "Dense vectors must contain a value"
                : "";
    }

    @Override
    public void delete(DeleteRequest request, StreamObserver<DeleteResponse> out) {
        if (!namespaces.containsKey(request.getNamespace())) {
            out.onError(Status.NOT_FOUND.withDescription("Namespace not found").asRuntimeException());
            return;
        }
        request.getIdsList().forEach(namespace(request.getNamespace())::remove);
        answer(out, DeleteResponse.getDefaultInstance());
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<FetchResponse> out) {
        FetchResponse.Builder found = FetchResponse.newBuilder().setNamespace(request.getNamespace());
        NavigableMap<String, Vector> vectors = namespaces.getOrDefault(request.getNamespace(), new TreeMap<>());
        for (String id : request.getIdsList()) {
            Vector vector = vectors.get(id);
            if (vector != null) {
                found.putVectors(id, vector);
            }
        }
        answer(out, found.build());
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListResponse> out) {
        NavigableMap<String, Vector> vectors = namespaces.getOrDefault(request.getNamespace(), new TreeMap<>());
        List<String> page = vectors.tailMap(request.getPaginationToken(), false).keySet().stream()
                .limit(request.hasLimit() ? request.getLimit() : PAGE)
                .toList();
        ListResponse.Builder answer = ListResponse.newBuilder().setNamespace(request.getNamespace());
        page.forEach(id -> answer.addVectors(ListItem.newBuilder().setId(id)));
        if (!page.isEmpty() && vectors.higherKey(page.getLast()) != null) {
            answer.setPagination(Pagination.newBuilder().setNext(page.getLast()));
        }
        answer(out, answer.build());
    }

    @Override
    public void describeIndexStats(DescribeIndexStatsRequest request, StreamObserver<DescribeIndexStatsResponse> out) {
        DescribeIndexStatsResponse.Builder stats =
                DescribeIndexStatsResponse.newBuilder().setDimension(dimension());
        namespaces.forEach((name, vectors) -> stats.putNamespaces(
                name,
                NamespaceSummary.newBuilder().setVectorCount(vectors.size()).build()));
        answer(out, stats.build());
    }

    @Override
    public void query(QueryRequest request, StreamObserver<QueryResponse> out) {
        QueryResponse.Builder answer = QueryResponse.newBuilder().setNamespace(request.getNamespace());
        namespaces.getOrDefault(request.getNamespace(), new TreeMap<>()).values().stream()
                .filter(vector -> fits(vector.getMetadata(), request.getFilter()))
                .map(vector -> ScoredVector.newBuilder()
                        .setId(vector.getId())
                        .setScore(cosine(request.getVectorList(), vector.getValuesList()))
                        .setMetadata(request.getIncludeMetadata() ? vector.getMetadata() : Struct.getDefaultInstance())
                        .build())
                .sorted(Comparator.comparingDouble(ScoredVector::getScore).reversed())
                .limit(request.getTopK())
                .forEach(answer::addMatches);
        answer(out, answer.build());
    }

    private static boolean fits(Struct metadata, Struct filter) {
        return filter.getFieldsMap().entrySet().stream().allMatch(field -> {
            Value found = metadata.getFieldsOrDefault(field.getKey(), Value.getDefaultInstance());
            return field.getValue().getStructValue().getFieldsMap().entrySet().stream()
                    .allMatch(condition -> fits(found, condition.getKey(), condition.getValue()));
        });
    }

    private static boolean fits(Value found, String condition, Value wanted) {
        return switch (condition) {
            case "$eq" ->
                found.equals(wanted) || found.getListValue().getValuesList().contains(wanted);
            case "$gte" -> found.hasNumberValue() && found.getNumberValue() >= wanted.getNumberValue();
            case "$lt" -> found.hasNumberValue() && found.getNumberValue() < wanted.getNumberValue();
            default -> throw new IllegalArgumentException(condition);
        };
    }

    private static float cosine(List<Float> one, List<Float> other) {
        double product = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < one.size(); i++) {
            product += one.get(i) * other.get(i);
            first += one.get(i) * one.get(i);
            second += other.get(i) * other.get(i);
        }
        return (float) (product / Math.sqrt(first * second));
    }

    @Override
    public void close() {
        stop();
    }
}
