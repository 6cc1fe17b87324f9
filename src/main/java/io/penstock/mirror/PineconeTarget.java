package io.penstock.mirror;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.grpc.StatusRuntimeException;
import io.penstock.schema.Chunk;
import io.pinecone.proto.DeleteRequest;
import io.pinecone.proto.DescribeIndexStatsRequest;
import io.pinecone.proto.FetchRequest;
import io.pinecone.proto.ListItem;
import io.pinecone.proto.ListRequest;
import io.pinecone.proto.ListResponse;
import io.pinecone.proto.UpsertRequest;
import io.pinecone.proto.Vector;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chunks as Pinecone's vectors, a namespace for each topic. The mark is a vector in the namespace {@value #OWN}, which no topic can
 * have as its name.
 */
final class PineconeTarget implements MirrorTarget {
    static final String NAME = "pinecone";

    private static final String OWN = "_penstock";
    private static final String MARK = "mark";
    private static final String OF = "of";
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    /** Asking costs money, if little. */
    private static final Duration KEEP = Duration.ofMinutes(10);

    private static final int BATCH = 100;
    private static final int DELETES = 1_000;
    /** A request may have 2 MB. */
    private static final int REQUEST_BYTES = 1_500_000;

    private static final int PAGE = 100;

    private final PineconeIndex index;
    private final int dimension;

    PineconeTarget(PineconeSettings settings, int dimension) {
        this.index = new PineconeIndex(settings, dimension);
        this.dimension = dimension;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<MirrorSource> sources() {
        return Set.of(MirrorSource.CHUNKS);
    }

    @Override
    public int batchSize() {
        return BATCH;
    }

    @Override
    public Duration keepEvery() {
        return KEEP;
    }

    /** A request goes to one namespace, and either writes or deletes. */
    @Override
    public List<List<Change>> batches(List<Change> changes) {
        record Kind(String topic, boolean upserts) {}
        Map<Kind, List<Change>> kinds = new LinkedHashMap<>();
        for (Change change : changes) {
            kinds.computeIfAbsent(new Kind(change.topic(), change instanceof Change.Upsert), kind -> new ArrayList<>())
                    .add(change);
        }
        List<List<Change>> batches = new ArrayList<>();
        kinds.forEach((kind, ofKind) -> pack(ofKind, kind.upserts() ? BATCH : DELETES, batches));
        return batches;
    }

    private static void pack(List<Change> changes, int most, List<List<Change>> batches) {
        List<Change> request = new ArrayList<>();
        int bytes = 0;
        for (Change change : changes) {
            int size = change instanceof Change.Upsert upsert
                    ? PineconeVectors.vector(upsert.key(), (Chunk) upsert.value())
                            .getSerializedSize()
                    : 0;
            if (!request.isEmpty() && (request.size() == most || bytes + size > REQUEST_BYTES)) {
                batches.add(request);
                request = new ArrayList<>();
                bytes = 0;
            }
            request.add(change);
            bytes += size;
        }
        batches.add(request);
    }

    @Override
    public String open() {
        index.connect(true);
        return readMark();
    }

    private String readMark() {
        return index.call(DEADLINE, stub -> {
            Vector mark = stub.fetch(FetchRequest.newBuilder()
                            .setNamespace(OWN)
                            .addIds(MARK)
                            .build())
                    .getVectorsMap()
                    .get(MARK);
            return mark == null
                    ? ""
                    : mark.getMetadata()
                            .getFieldsOrDefault(OF, Value.getDefaultInstance())
                            .getStringValue();
        });
    }

    @Override
    public void apply(List<Change> batch) {
        String namespace = batch.getFirst().topic();
        UpsertRequest.Builder upserts = UpsertRequest.newBuilder().setNamespace(namespace);
        List<String> deletes = new ArrayList<>();
        for (Change change : batch) {
            switch (change) {
                case Change.Upsert upsert ->
                    upserts.addVectors(PineconeVectors.vector(upsert.key(), (Chunk) upsert.value()));
                case Change.Delete delete -> deletes.add(PineconeVectors.id(delete.key()));
            }
        }
        if (upserts.getVectorsCount() > 0) {
            index.call(DEADLINE, stub -> stub.upsert(upserts.build()));
        }
        if (!deletes.isEmpty()) {
            delete(namespace, deletes);
        }
    }

    private void delete(String namespace, List<String> ids) {
        var _ = index.call(DEADLINE, stub -> {
            try {
                stub.delete(DeleteRequest.newBuilder()
                        .setNamespace(namespace)
                        .addAllIds(ids)
                        .build());
            } catch (StatusRuntimeException e) {
                if (!PineconeIndex.isNotFound(e)) {
                    throw e;
                }
            }
            return ids.size(); // a namespace that is not there holds none of them either
        });
    }

    @Override
    public String nameOf(MirrorSource source, String key) {
        return namespaceOf(key) + "\n" + PineconeVectors.id(key);
    }

    private static String namespaceOf(String key) {
        return new Change.Delete(MirrorSource.CHUNKS, key).topic();
    }

    @Override
    public long sweep(LiveKeys live) {
        Set<String> namespaces = index.call(
                        DEADLINE, stub -> stub.describeIndexStats(DescribeIndexStatsRequest.getDefaultInstance()))
                .getNamespacesMap()
                .keySet();
        long removed = 0;
        for (String namespace : namespaces) {
            if (!namespace.equals(OWN)) {
                removed += sweep(namespace, live);
            }
        }
        return removed;
    }

    /** Lists to the end before it deletes, so that no page is passed over. */
    private long sweep(String namespace, LiveKeys live) {
        List<String> dead = new ArrayList<>();
        String next = "";
        do {
            ListResponse page = list(namespace, next);
            for (ListItem item : page.getVectorsList()) {
                String id = item.getId();
                if (PineconeVectors.isOurs(namespace, id) && !live.contains(namespace + "\n" + id)) {
                    dead.add(id);
                }
            }
            next = page.getPagination().getNext();
        } while (!next.isEmpty());
        for (int from = 0; from < dead.size(); from += DELETES) {
            delete(namespace, dead.subList(from, Math.min(dead.size(), from + DELETES)));
        }
        return dead.size();
    }

    private ListResponse list(String namespace, String token) {
        ListRequest.Builder request =
                ListRequest.newBuilder().setNamespace(namespace).setLimit(PAGE);
        if (!token.isEmpty()) {
            request.setPaginationToken(token);
        }
        return index.call(DEADLINE, stub -> {
            try {
                return stub.list(request.build());
            } catch (StatusRuntimeException e) {
                if (PineconeIndex.isNotFound(e)) {
                    return ListResponse.getDefaultInstance(); // its last vector has just gone
                }
                throw e;
            }
        });
    }

    @Override
    public void mark(String identity) {
        Vector.Builder mark = Vector.newBuilder()
                .setId(MARK)
                .setMetadata(Struct.newBuilder()
                        .putFields(
                                OF, Value.newBuilder().setStringValue(identity).build()));
        for (int i = 0; i < dimension; i++) {
            mark.addValues(i == 0 ? 1 : 0); // a vector of zeros has no direction and is refused
        }
        var _ = index.call(
                DEADLINE,
                stub -> stub.upsert(UpsertRequest.newBuilder()
                        .setNamespace(OWN)
                        .addVectors(mark)
                        .build()));
    }

    @Override
    public boolean keep(Instant now) {
        return !readMark().isEmpty();
    }

    @Override
    public void close() {
        index.close();
    }

    @Override
    public String toString() {
        return index.toString();
    }
}
